// SizeRw and SizeRootFs of containers: remembered where nothing can have changed, else measured.
import type { ContainerRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { measureContainers } from "../removal/container-bytes.ts";

export interface ContainerSizes {
  SizeRw?: number;
  SizeRootFs: number;
}

export async function containerSizes(engine: Pick<Engine, "store" | "log">, rows: readonly ContainerRow[]): Promise<Map<string, ContainerSizes>> {
  const measured = await measureContainers(engine, rows, { files: false });
  return new Map(
    rows.map((row) => {
      const rwBytes = measured.get(row.id)?.rwBytes ?? 0;
      return [row.id, { SizeRw: rwBytes, SizeRootFs: rwBytes + imageBytes(engine, row) }];
    }),
  );
}

function imageBytes({ store }: Pick<Engine, "store">, row: ContainerRow): number {
  return store.view((tx) => row.diffIds.reduce((sum, diffId) => sum + (tx.diffs.find(diffId)?.sizeBytes ?? 0), 0));
}
