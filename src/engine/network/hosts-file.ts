// Content of a container's /etc/hosts and /etc/resolv.conf.
import type { ContainerRow } from "../../store/store.ts";
import type { EndpointSettings } from "../../wire/docker.ts";
import type { Engine } from "../engine.ts";
import { notImplemented } from "../../base/errors.ts";

export type NameFileParts = Pick<Engine, "store" | "network" | "config">;

/** `networks` as attachContainerNetworks returned them (row.networks may not have them yet). */
export function hostsFile(_engine: NameFileParts, _row: ContainerRow, _networks: Readonly<Record<string, EndpointSettings>>): string {
  throw notImplemented("networks are not implemented yet");
}

export async function resolvConfFile(_engine: NameFileParts, _row: ContainerRow): Promise<string> {
  throw notImplemented("networks are not implemented yet");
}
