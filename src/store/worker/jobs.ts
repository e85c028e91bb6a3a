// What a worker can be asked to do, and what it answers. Paths inside containers are those of the container.

export type Job =
  /** With `blobDigest`, a stream that is no archive is read to its end: it may not even be the one that was wanted. */
  | { job: "unpack"; directory: string; blobDigest?: string }
  | { job: "pack"; directory: string; gzip?: boolean }
  | { job: "pack-upper"; upper: string }
  | { job: "export"; root: string }
  | { job: "stat"; root: string; path: string }
  | { job: "archive-out"; root: string; path: string; name?: string }
  | { job: "archive-in"; root: string; path: string; keepDirectories: boolean }
  | { job: "make-directory"; root: string; path: string }
  | { job: "usage"; path: string }
  | { job: "changes"; upper: string; lower: readonly string[] };

export interface UnpackResult {
  diffId: string;
  tarBytes: number;
  blobDigest: string;
  blobBytes: number;
  compression: "none" | "gzip" | "zstd" | "xz" | "bzip2";
  sizeBytes: number;
  entries: number;
}

export interface UsageResult {
  sizeBytes: number;
  diskBytes: number;
}

/** `kind` is an ErrorKind. */
export interface JobError {
  kind: "not_found" | "invalid" | "conflict" | "forbidden" | "internal";
  message: string;
  code?: string;
}
