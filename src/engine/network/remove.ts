// DELETE /networks/{id}
import { forbidden } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import type { Actor, NetworkRow, Writer } from "../../store/store.ts";
import type { Events } from "../events.ts";
import { assertUnpinned } from "../removal/pins.ts";
import type { NetworkParts } from "./create.ts";
import { activeEndpoints } from "./read.ts";
import { resolveNetwork } from "./resolve.ts";
import { networkSpec } from "./spec.ts";

export async function removeNetwork(engine: NetworkParts, name: string, { actor }: { actor: Actor }): Promise<void> {
  const row = engine.store.update((tx) => {
    const found = resolveNetwork(tx, name);
    if (found.predefined) throw forbidden(`${found.name} is a pre-defined network and cannot be removed`);
    dropNetworkRow(tx, engine.events, found, actor);
    return found;
  });
  failpoint("network:after-row-gone");
  await engine.network.removeNetwork(networkSpec(row));
}

/** Row and event; the bridge is the caller's to take away after the commit. Throws if it is in use or pinned. */
export function dropNetworkRow(tx: Writer, events: Pick<Events, "add">, row: NetworkRow, actor: Actor): void {
  const active = activeEndpoints(tx, row);
  if (active.length > 0) {
    const holders = active.map(({ container, settings }) => `name:"${container.name}" id:"${(settings.EndpointID ?? "").slice(0, 12)}"`);
    throw forbidden(`error while removing network: network ${row.name} has active endpoints (${holders.join(", ")})`, {
      network: row.name,
      blockers: active.map(({ container }) => ({ kind: "container", id: container.id, name: container.name, how: "is connected to it", state: container.state.Status })),
      suggestion: [...active.map(({ container }) => `berth network disconnect ${row.name} ${container.name}`), `berth network rm ${row.name}`].join(" && "),
    });
  }
  assertUnpinned(tx, "network", row.id, row.name);
  tx.networks.remove(row.id);
  events.add(tx, { type: "network", action: "destroy", actorId: row.id, attributes: { name: row.name, type: row.driver }, by: actor });
}
