// Bytes of volumes, remembered while no running container can change them.
import { dirname } from "node:path";
import type { VolumeRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";

const AT_ONCE = 4;

export interface VolumeBytes {
  /** Apparent: what Docker calls Size. */
  sizeBytes: number;
  /** All that it takes on the disk. */
  diskBytes: number;
}

/** By name; absent where it could not be measured. Volumes with options of their own (NFS…) are not looked into. */
export async function measureVolumes({ store, log }: Pick<Engine, "store" | "log">, rows: readonly VolumeRow[]): Promise<Map<string, VolumeBytes>> {
  const sizes = new Map<string, VolumeBytes>();
  const waiting = rows.filter((row) => Object.keys(row.options).length === 0);
  const work = async (): Promise<void> => {
    for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
      try {
        sizes.set(row.name, await measureOne(store, row));
      } catch (error) {
        log.warn("cannot measure a volume", { volume: row.name, error });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return sizes;
}

async function measureOne(store: Engine["store"], row: VolumeRow): Promise<VolumeBytes> {
  const { sizeBytes, diskBytes } = row;
  if (sizeBytes !== undefined && diskBytes !== undefined && !isBusy(store, row.name)) return { sizeBytes, diskBytes };
  const measured = await store.layers.measure(dirname(store.volumePath(row.name)));
  const now = store.view((tx) => tx.volumes.find(row.name));
  if (now !== undefined && !isBusy(store, row.name)) store.update((tx) => tx.volumes.put({ ...now, ...measured }));
  return measured;
}

function isBusy(store: Engine["store"], name: string): boolean {
  return store.view((tx) => tx.containers.by("volume", name).some((row) => row.state.Running));
}
