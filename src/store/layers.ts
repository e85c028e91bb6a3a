// Layers: unpacked image layers (one directory per diff ID) and containers' read-write layers above them.
import type { ChainId, DiffId, Digest } from "../wire/oci.ts";
import type { DiffRow } from "./rows.ts";

/** Arguments of an overlay mount; `lower` top to bottom. Without an upper it is read-only. */
export interface OverlayMount {
  lower: readonly string[];
  upper?: string;
  work?: string;
}

export interface LayerIngest {
  /** Lease that keeps the result until rows refer to it. */
  leaseId: string;
  /** The uncompressed tar must have this digest, else `invalid` and nothing is left. */
  diffId?: DiffId;
  /** The bytes as they arrive must have this digest and size, else `invalid` and nothing is left. */
  blob?: { digest: Digest; sizeBytes: number };
  signal?: AbortSignal;
  /** Bytes taken from the source so far. */
  onProgress?: (bytes: number) => void;
}

/** Compression is found by the first bytes: gzip, zstd, xz, bzip2 or none. */
export interface IngestedLayer {
  row: DiffRow;
  /** Digest and size of the bytes as they came. */
  blob: { digest: Digest; sizeBytes: number };
  compression: "none" | "gzip" | "zstd" | "xz" | "bzip2";
  existed: boolean;
}

/** 0 modified, 1 added, 2 deleted, as in Docker's /containers/{id}/changes. */
export interface Change {
  Path: string;
  Kind: 0 | 1 | 2;
}

/** X-Docker-Container-Path-Stat. `mode` is Go's os.FileMode number. */
export interface ArchiveStat {
  name: string;
  size: number;
  mode: number;
  mtime: string;
  linkTarget: string;
}

export interface Layers {
  /** Unpacks a layer tar off the main thread. Two callers with the same diff ID get one directory. */
  ingest(source: AsyncIterable<Uint8Array>, options: LayerIngest): Promise<IngestedLayer>;
  /** The layer's original tar, byte for byte: sha256 = diffId. */
  tar(diffId: DiffId, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** The same, compressed: the same bytes every time. Each piece is a gzip member. */
  gzip(diffId: DiffId, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Turns a container's read-write layer into a layer (container may be running; caller pauses it). */
  commit(directory: string, leaseId: string): Promise<DiffRow>;

  /** Makes a read-write layer; returns its directory name. */
  prepare(containerId: string): string;
  /** The overlay of a container. */
  overlay(directory: string, diffIds: readonly DiffId[]): OverlayMount;
  /** Removes a read-write layer: gone by rename at once, bytes later. */
  remove(directory: string): void;
  /** Bytes (apparent, hard links once) in a read-write layer, and all that it takes on the disk. */
  usage(directory: string): Promise<{ sizeBytes: number; diskBytes: number }>;
  /** Bytes below any directory, e.g. a volume. */
  measure(path: string): Promise<{ sizeBytes: number; diskBytes: number }>;
  /** What differs between a container and its image. */
  changes(directory: string, diffIds: readonly DiffId[]): Promise<Change[]>;

  /** Reads a file through the layers, links resolved within the container's root; undefined if there is none. Used for /etc/passwd and the like. */
  readFile(directory: string, diffIds: readonly DiffId[], path: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /** Permission bits of a directory, found as readFile finds a file; undefined if there is none. */
  directoryMode(directory: string, diffIds: readonly DiffId[], path: string): number | undefined;

  /**
   * Calls `work` with a directory holding the container's whole root: mounted for the time if `pid` is not given,
   * else seen through /proc/<pid>/root. Every path inside must be used through the functions below (workers chroot there).
   */
  withRoot<T>(target: RootTarget, work: (root: string) => Promise<T>): Promise<T>;
  statPath(root: string, path: string): Promise<ArchiveStat>;
  /** GET archive: a tar of path, its entries named after its last component unless `name` is given. */
  archiveOut(root: string, path: string, options?: { name?: string; signal?: AbortSignal }): AsyncIterable<Uint8Array>;
  /** PUT archive: unpacks into the directory `path`. */
  archiveIn(root: string, path: string, source: AsyncIterable<Uint8Array>, options: { noOverwriteDirNonDir: boolean; copyUidGid: boolean; signal?: AbortSignal }): Promise<void>;
  /** Export: the whole root as one tar. */
  exportTar(root: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Copies what an image has at `path` into an empty volume, owners and modes as they are. Does nothing if the volume isn't empty or the path isn't a directory. */
  copyUp(target: RootTarget, path: string, volumeDirectory: string): Promise<void>;
  /** Makes sure a directory exists inside the container's root (WORKDIR, mount targets). */
  makeDirectory(target: RootTarget, path: string): Promise<void>;
}

export type RootTarget = { directory: string; diffIds: readonly DiffId[]; pid?: number };

export type { ChainId };
