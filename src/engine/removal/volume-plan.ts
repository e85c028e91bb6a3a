// Volumes and networks of a plan: chosen by Docker's rules and the common filters, given what goes before them. Pure.
import type { ContainerRow, VolumeRow } from "../../store/store.ts";
import type { Filters } from "../../wire/filters.ts";
import { compileNetworkFilter } from "../network/filter.ts";
import type { VolumeSizes } from "../volume/filter.ts";
import { selectVolumes } from "../volume/prune.ts";
import { pinBlockers } from "./blockers.ts";
import type { Draft } from "./draft.ts";
import { planned, type Blocker, type Kept, type PlanObject } from "./plan.ts";

export interface PlanPart {
  objects: PlanObject[];
  kept: Kept[];
}

/** `sizes` of all. */
export function planVolumePrune(draft: Draft, filters: Filters, nowMs: number, sizes: VolumeSizes): PlanPart {
  return planAll(selectVolumes(draft.tx, filters, { nowMs, sizes }), (row) => {
    const madeFor = row.madeFor === undefined ? "" : `; made for ${row.madeFor.path} of ${row.madeFor.image}`;
    return planVolume(draft, row, sizes, `no container uses it${madeFor}`);
  });
}

export function planVolume(draft: Draft, row: VolumeRow, sizes: VolumeSizes, reason: string): PlanObject | Kept {
  const blockers = [...users(draft, "volume", row.name, "mounts it"), ...pinBlockers(draft, "volume", row.name)];
  if (blockers.length > 0) return { kind: "volume", id: row.name, name: row.name, reason: "volume is in use", blockers };
  const { sizeBytes, diskBytes } = sizes.get(row.name) ?? { sizeBytes: 0, diskBytes: 0 };
  return planned({ kind: "volume", id: row.name, name: row.name, reason }, [{ what: "volume data", id: row.name, bytes: diskBytes }], sizeBytes);
}

/** A stopped container still needs its networks. */
export function planNetworkPrune(draft: Draft, filters: Filters, nowMs: number): PlanPart {
  const passes = compileNetworkFilter(draft.tx, filters, nowMs);
  return planAll(
    draft.tx.networks.list().filter((row) => !row.predefined && passes(row)),
    (row) => {
      const blockers = [...users(draft, "network", row.name, "is connected to it"), ...pinBlockers(draft, "network", row.id)];
      if (blockers.length > 0) return { kind: "network", id: row.id, name: row.name, reason: "network is in use", blockers };
      return planned({ kind: "network", id: row.id, name: row.name, reason: "no container uses it" }, [], 0);
    },
  );
}

function planAll<R>(rows: readonly R[], plan: (row: R) => PlanObject | Kept): PlanPart {
  const part: PlanPart = { objects: [], kept: [] };
  for (const row of rows) {
    const result = plan(row);
    if ("blockers" in result) part.kept.push(result);
    else part.objects.push(result);
  }
  return part;
}

/** Containers that are not to go themselves. */
export function users(draft: Draft, index: "volume" | "network", name: string, how: string): Blocker[] {
  const rows: ContainerRow[] = draft.tx.containers.by(index, name).filter((row) => !draft.isContainerGone(row.id));
  return rows.map((row): Blocker => ({ kind: "container", id: row.id, name: row.name, how, state: row.state.Status }));
}
