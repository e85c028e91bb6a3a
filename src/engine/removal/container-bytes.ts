// Bytes of containers: the writable layer and the container's own files (log, hosts…). What doesn't run is measured once.
import type { ContainerRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";

export interface ContainerBytes {
  /** Apparent: what Docker calls SizeRw. */
  rwBytes: number;
  rwDiskBytes: number;
  /** Log and other files of the container, on the disk. */
  filesBytes: number;
}

const AT_ONCE = 4;

/** Measurements in rows are used while they hold; new ones of containers at rest are written down. */
export async function measureContainers(
  { store, log }: Pick<Engine, "store" | "log">,
  rows: readonly ContainerRow[],
  options: { files: boolean },
): Promise<Map<string, ContainerBytes>> {
  const measured = new Map<string, ContainerBytes>();
  const waiting = [...rows];
  const work = async (): Promise<void> => {
    for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
      try {
        measured.set(row.id, await measureOne(store, row, options.files));
      } catch (error) {
        // it may be on its way out; its size must not stop the others
        log.warn("cannot measure a container", { container: row.id, error });
        measured.set(row.id, { rwBytes: 0, rwDiskBytes: 0, filesBytes: 0 });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return measured;
}

async function measureOne(store: Engine["store"], row: ContainerRow, files: boolean): Promise<ContainerBytes> {
  const filesBytes = files ? (await store.layers.measure(store.containerPath(row.id))).diskBytes : 0;
  // of one that never ran the size is known, but not what its empty directories take
  if (row.sizeRwBytes !== undefined && (row.diskRwBytes !== undefined || !files)) return { rwBytes: row.sizeRwBytes, rwDiskBytes: row.diskRwBytes ?? 0, filesBytes };
  const { sizeBytes, diskBytes } = await store.layers.usage(row.directory);
  remember(store, row, sizeBytes, diskBytes);
  return { rwBytes: sizeBytes, rwDiskBytes: diskBytes, filesBytes };
}

/** Only if it has not run since it was looked at. */
function remember(store: Engine["store"], row: ContainerRow, sizeRwBytes: number, diskRwBytes: number): void {
  const now = store.view((tx) => tx.containers.find(row.id));
  if (now === undefined || now.state.Running || row.state.Running || now.state.StartedAt !== row.state.StartedAt) return;
  store.update((tx) => tx.containers.put({ ...now, sizeRwBytes, diskRwBytes }));
}
