// Which of a container's networks leads out, and what it publishes there. Pure.
import type { NetworkRow } from "../../store/store.ts";
import type { EndpointSettings } from "../../wire/docker.ts";

export interface Place {
  network: NetworkRow;
  settings: EndpointSettings;
}

/** The highest priority wins, then the name that sorts first. Internal networks lead nowhere. */
export function gatewayPlace<P extends Place>(places: readonly P[]): P | undefined {
  const candidates = places.filter(({ network }) => network.driver === "bridge" && !network.internal);
  return candidates.toSorted((a, b) => (b.settings.GwPriority ?? 0) - (a.settings.GwPriority ?? 0) || (a.network.name < b.network.name ? -1 : 1))[0];
}
