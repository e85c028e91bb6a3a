// Containers of a plan: what each frees (writable layer, files, layers only it still held), what keeps it. Pure.
import type { ContainerRow } from "../../store/store.ts";
import { pinBlockers } from "./blockers.ts";
import type { ContainerBytes } from "./container-bytes.ts";
import type { Draft } from "./draft.ts";
import { partsOf, planned, type FreedPart, type Kept, type PlanObject } from "./plan.ts";

export interface ContainerChoice {
  row: ContainerRow;
  reason: string;
  /** Running ones are stopped first. */
  force: boolean;
}

export function planContainer(draft: Draft, choice: ContainerChoice, bytes: ContainerBytes): PlanObject | Kept {
  const { row, reason, force } = choice;
  const pins = pinBlockers(draft, "container", row.id);
  if (pins.length > 0) return { kind: "container", id: row.id, name: row.name, reason: "container is pinned", blockers: pins, suggestion: `berth unpin container ${row.name}` };
  if (row.state.Running && !force) {
    return { kind: "container", id: row.id, name: row.name, reason: `container is ${row.state.Status}`, blockers: [], suggestion: `berth rm -f ${row.name}` };
  }
  const frees: FreedPart[] = [
    { what: "writable layer", id: row.directory, bytes: bytes.rwDiskBytes },
    { what: "container files", id: row.id, bytes: bytes.filesBytes },
    ...partsOf(draft.removeContainer(row)),
  ];
  return planned({ kind: "container", id: row.id, name: row.name, reason, ...(force ? { forced: true } : {}) }, frees, bytes.rwBytes);
}

/** Why a container at rest is chosen. */
export function restReason(row: ContainerRow): string {
  return row.state.Status === "created" ? "never started" : `${row.state.Status} since ${row.state.FinishedAt}`;
}
