// Door of the store: everything that must survive. Adding writes bytes, then the row; removing drops the row, then the bytes.
import type { Content } from "./content.ts";
import type { Layers } from "./layers.ts";
import type { Collected, Reader, Writer } from "./records.ts";

export type { Content } from "./content.ts";
export type { ArchiveStat, Change, IngestedLayer, LayerIngest, Layers, OverlayMount, RootTarget } from "./layers.ts";
export type { ReadTable, WriteTable } from "./table.ts";
export type { Collected, ContainerIndex, Holds, ImageIndex, LeaseIndex, Reader, Writer } from "./records.ts";
export type * from "./rows.ts";
export { openStore } from "./open.ts";
export { blobDiskBytes } from "./release.ts";
export { endLease, holdInLease, openLease } from "./lease.ts";

export interface Store {
  /** Reads see everything committed; they are synchronous and cost no I/O (rows are kept in memory). */
  view<T>(read: (tx: Reader) => T): T;
  /**
   * One transaction: all of it is on disk when this returns, or none of it if `write` throws.
   * `write` must be synchronous, so nothing else can run in between: check and change in one call.
   * Hooks registered with `tx.afterCommit` run (synchronously, in order) once it is on disk.
   */
  update<T>(write: (tx: Writer) => T extends Promise<unknown> ? never : T): T;
  readonly content: Content;
  readonly layers: Layers;
  /**
   * Sweeps what no image, container or unexpired lease reaches: rows in one transaction, then files.
   * Callers join a run that begins after their commit. Continues past single failures (logged, tried again next time).
   */
  collect(): Promise<Collected>;
  /** Directory of a volume's data. */
  volumePath(name: string): string;
  /** Directory for a container's own files (log, hostname, hosts, resolv.conf). */
  containerPath(id: string): string;
  /** Renames a file or directory into the trash at once; its bytes go in the background. */
  discard(path: string): void;
  /** Resolves when nothing is left in the trash and no collection is wanted or running. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Where the store lives and how it runs its workers. */
export interface StoreOptions {
  /** data-root */
  root: string;
  /** exec-root: for mounts that are gone with the machine. */
  runRoot: string;
  /** Command that starts this executable's own workers, e.g. ["/usr/bin/berth", "worker"] or [bun, "src/main.ts", "worker"]. */
  workerCommand: readonly string[];
}
