// Reader and Writer over everything the store remembers. A function that is given a Reader cannot write.
import type { ReadTable, WriteTable } from "./table.ts";
import type { BlobRow, ContainerRow, DiffRow, EventRow, ImageRow, LayerRow, LeaseRow, NetworkRow, PinRow, RefRow, VolumeRow } from "./rows.ts";

export interface Reader {
  /** by id */
  readonly images: ReadTable<ImageRow, "parent" | "chain">;
  /** by name */
  readonly refs: ReadTable<RefRow, "image" | "repository">;
  /** by chain id */
  readonly layers: ReadTable<LayerRow, "parent" | "diff">;
  /** by diff id */
  readonly diffs: ReadTable<DiffRow>;
  readonly blobs: ReadTable<BlobRow>;
  readonly leases: ReadTable<LeaseRow>;
  /** by id; index "name" is the name without slash; "volume" the names of volumes it mounts (also mounts of type image under "mountedImage" by image id); "network" the network names */
  readonly containers: ReadTable<ContainerRow, "image" | "name" | "chain" | "volume" | "network" | "mountedImage">;
  /** by name */
  readonly volumes: ReadTable<VolumeRow>;
  /** by id */
  readonly networks: ReadTable<NetworkRow, "name">;
  readonly pins: ReadTable<PinRow>;
  /** Events after `seq` (exclusive), oldest first. Kept on disk only: bounded by number and age. */
  eventsAfter(seq: number, limit: number): EventRow[];
  readonly lastEventSeq: number;
  /** Small settings that must survive, by key. */
  setting(key: string): string | undefined;
}

export interface Writer extends Reader {
  readonly images: WriteTable<ImageRow, "parent" | "chain">;
  readonly refs: WriteTable<RefRow, "image" | "repository">;
  readonly layers: WriteTable<LayerRow, "parent" | "diff">;
  readonly diffs: WriteTable<DiffRow>;
  readonly blobs: WriteTable<BlobRow>;
  readonly leases: WriteTable<LeaseRow>;
  readonly containers: WriteTable<ContainerRow, "image" | "name" | "chain" | "volume" | "network" | "mountedImage">;
  readonly volumes: WriteTable<VolumeRow>;
  readonly networks: WriteTable<NetworkRow, "name">;
  readonly pins: WriteTable<PinRow>;
  /** Appends an event; returns it with its number. */
  addEvent(event: Omit<EventRow, "seq">): EventRow;
  setSetting(key: string, value: string): void;
  /** Runs after the commit, in order; not at all if the transaction fails. */
  afterCommit(hook: () => void): void;
}
