// Which containers a prune takes: all at rest that pass the filters, which are those of lists.
import type { ContainerRow, Reader } from "../../store/store.ts";
import type { Filters } from "../../wire/filters.ts";
import { asksForSizes, filterContainers } from "../container/list-filter.ts";
import type { Engine } from "../engine.ts";
import { type ContainerBytes, measureContainers } from "./container-bytes.ts";

export type ContainerSizes = ReadonlyMap<string, ContainerBytes>;

/** Containers at rest that pass, newest first. `sizes` as `sizesForPrune` gives them. */
export function prunableContainers(tx: Reader, filters: Filters, nowMs: number, sizes: ContainerSizes = new Map()): ContainerRow[] {
  const newestFirst = tx.containers.list().toReversed().toSorted((a, b) => b.createdMs - a.createdMs);
  return filterContainers(tx, newestFirst, filters, { nowMs, rwBytes: (row) => sizes.get(row.id)?.rwBytes ?? 0, strict: true }).filter((row) => !row.state.Running);
}

/** Measured only if a filter asks for sizes. */
export async function sizesForPrune(engine: Pick<Engine, "store" | "log">, filters: Filters): Promise<ContainerSizes> {
  if (!asksForSizes(filters)) return new Map();
  return measureContainers(engine, engine.store.view((tx) => tx.containers.list().filter((row) => !row.state.Running)), { files: false });
}
