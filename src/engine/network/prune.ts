// POST /networks/prune: networks of users that no container needs. A stopped container still needs its networks: without
// them it could not start again.
import { messageOf } from "../../base/errors.ts";
import type { Actor, NetworkRow, Reader } from "../../store/store.ts";
import type { Filters } from "../../wire/filters.ts";
import type { NetworkParts } from "./create.ts";
import { compileNetworkFilter } from "./filter.ts";
import { dropNetworkRow } from "./remove.ts";
import { networkSpec } from "./spec.ts";

export async function pruneNetworks(engine: NetworkParts, filters: Filters, actor: Actor): Promise<{ NetworksDeleted: string[] | null }> {
  const deleted: string[] = [];
  for (const candidate of engine.store.view((tx) => selectUnused(tx, filters, engine.clock.nowMs()))) {
    const removed = engine.store.update((tx) => {
      // since the last look something may have come to use it
      if (!isUnused(tx, candidate) || !tx.networks.has(candidate.id)) return false;
      dropNetworkRow(tx, engine.events, candidate, actor);
      return true;
    });
    if (!removed) continue;
    deleted.push(candidate.name);
    try {
      await engine.network.removeNetwork(networkSpec(candidate));
    } catch (error) {
      engine.log.warn("what is left of a network goes at the next start", { network: candidate.name, error: messageOf(error) });
    }
  }
  engine.events.emit({ type: "network", action: "prune", actorId: "", attributes: { reclaimed: "0" }, by: actor });
  return { NetworksDeleted: deleted.length === 0 ? null : deleted };
}

/** Networks that a prune with these filters would take. */
export function selectUnused(tx: Reader, filters: Filters, nowMs: number): NetworkRow[] {
  const passes = compileNetworkFilter(tx, filters, nowMs);
  return tx.networks.list().filter((row) => !row.predefined && isUnused(tx, row) && passes(row));
}

function isUnused(tx: Pick<Reader, "containers" | "pins">, row: NetworkRow): boolean {
  return !tx.containers.any("network", row.name) && !tx.pins.has(`network:${row.id}`);
}
