// Blobs by digest: image configs and manifests (and whatever else is small). Layers are unpacked instead, see layers.ts.
import type { Digest } from "../wire/oci.ts";
import type { BlobRow } from "./rows.ts";

export interface Content {
  /** Where the blob's file is: <root>/blobs/sha256/<hex>; its sha256 is its name. */
  path(digest: Digest): string;
  has(digest: Digest): boolean;
  /** `not_found` if missing. */
  read(digest: Digest): Uint8Array;
  /** Parsed JSON of a blob, cached. */
  readJson<T>(digest: Digest): T;
  /** Writes bytes (temp file, fsync, rename, row) under a lease. Idempotent. */
  write(bytes: Uint8Array, mediaType: string, leaseId: string): BlobRow;
}
