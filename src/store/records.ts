// Reader and Writer over everything the store remembers. A function that is given a Reader cannot write.
import type { ReadTable, WriteTable } from "./table.ts";
import type { ChainId, DiffId, Digest, ImageId } from "../wire/oci.ts";
import type { BlobRow, ContainerRow, DiffRow, EventRow, ImageRow, LayerRow, LeaseRow, NetworkRow, PinRow, PlanRow, RefRow, VolumeRow } from "./rows.ts";

export type ImageIndex = "parent" | "chain" | "manifest";
export type LeaseIndex = "image" | "chain" | "diff" | "blob";
export type ContainerIndex = "image" | "name" | "chain" | "volume" | "network" | "mountedImage";

/** Parts of images by their ids. */
export interface Holds {
  images?: readonly ImageId[];
  diffs?: readonly DiffId[];
  chains?: readonly ChainId[];
  blobs?: readonly Digest[];
}

/** What went: in order of going (chains from the top down). Bytes are those on the disk. */
export interface Collected {
  diffs: readonly DiffId[];
  chains: readonly ChainId[];
  blobs: readonly Digest[];
  freedBytes: number;
}

export interface Reader {
  /** by id; index "chain": every chain id it stands on; "manifest": digests in `manifests` */
  readonly images: ReadTable<ImageRow, ImageIndex>;
  /** by name */
  readonly refs: ReadTable<RefRow, "image" | "repository">;
  /** by chain id */
  readonly layers: ReadTable<LayerRow, "parent" | "diff">;
  /** by diff id */
  readonly diffs: ReadTable<DiffRow>;
  readonly blobs: ReadTable<BlobRow>;
  /** by id; indexes: what they hold */
  readonly leases: ReadTable<LeaseRow, LeaseIndex>;
  /** by id; index "name" is the name without slash; "chain" the top chain; "volume" the names of volumes it mounts (also mounts of type image under "mountedImage" by image id); "network" the network names */
  readonly containers: ReadTable<ContainerRow, ContainerIndex>;
  /** by name */
  readonly volumes: ReadTable<VolumeRow>;
  /** by id */
  readonly networks: ReadTable<NetworkRow, "name">;
  /** by key `kind:id` */
  readonly pins: ReadTable<PinRow, "object">;
  /** by token */
  readonly plans: ReadTable<PlanRow>;
  /** Events after `seq` (exclusive), oldest first. Kept on disk only: bounded by number and age. */
  eventsAfter(seq: number, limit: number): EventRow[];
  readonly lastEventSeq: number;
  /** The greatest seq whose event is older than `timeMs`; 0 if there is none. Begin there to see all since. */
  eventSeqBefore(timeMs: number): number;
  /** Small settings that must survive, by key. */
  setting(key: string): string | undefined;
}

export interface Writer extends Reader {
  readonly images: WriteTable<ImageRow, ImageIndex>;
  readonly refs: WriteTable<RefRow, "image" | "repository">;
  readonly layers: WriteTable<LayerRow, "parent" | "diff">;
  readonly diffs: WriteTable<DiffRow>;
  readonly blobs: WriteTable<BlobRow>;
  readonly leases: WriteTable<LeaseRow, LeaseIndex>;
  readonly containers: WriteTable<ContainerRow, ContainerIndex>;
  readonly volumes: WriteTable<VolumeRow>;
  readonly networks: WriteTable<NetworkRow, "name">;
  readonly pins: WriteTable<PinRow, "object">;
  readonly plans: WriteTable<PlanRow>;
  /** Appends an event; returns it with its number. */
  addEvent(event: Omit<EventRow, "seq">): EventRow;
  setSetting(key: string, value: string): void;
  /**
   * Lets go of what nothing reaches any more, looking only at these: their rows now, their files after the commit.
   * Chains are walked from the given ones to the base, until the first that something else holds.
   */
  release(candidates: Holds): Collected;
  /** Runs after the commit, in order; not at all if the transaction fails. */
  afterCommit(hook: () => void): void;
}
