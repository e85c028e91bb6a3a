// Bytes of a volume: known while nothing writes to it, walked when they are not.
import type { Engine } from "../engine.ts";
import { isUsed } from "./mount.ts";
import { needsMount } from "./options.ts";

/** -1 for what is not the engine's to measure (volumes with options, as Docker does). Remembered if it cannot change meanwhile. */
export async function measureVolume(engine: Pick<Engine, "store">, name: string): Promise<number> {
  const row = engine.store.view((tx) => tx.volumes.find(name));
  if (row === undefined || needsMount(row.options)) return -1;
  if (row.sizeBytes !== undefined) return row.sizeBytes;
  const { lastUsedMs } = row;
  const { sizeBytes } = await engine.store.layers.measure(engine.store.volumePath(name));
  engine.store.update((tx) => {
    const now = tx.volumes.find(name);
    if (now !== undefined && now.lastUsedMs === lastUsedMs && !isUsed(engine, name)) tx.volumes.put({ ...now, sizeBytes });
  });
  return sizeBytes;
}
