// Writes down an image: config blob, chain rows and image row in one transaction.
import { internal } from "../../base/errors.ts";
import type { Actor, BlobRow, DiffRow, ImageRow, Writer } from "../../store/store.ts";
import type { Digest, ImageConfig, ImageId } from "../../wire/oci.ts";

export interface RecordInput {
  /** Blob of the config, already in content under a lease; its digest is the image's ID. */
  config: BlobRow;
  parsed: ImageConfig;
  /** Must be in the store (under a lease), one per rootfs.diff_ids, bottom to top. */
  diffs: readonly DiffRow[];
  parent?: ImageId;
  manifest?: { digest: Digest; mediaType: string; sizeBytes: number; repository?: string };
  how: ImageRow["origin"]["how"];
  from?: string;
  actor: Actor;
  nowMs: number;
}

export function recordImage(_tx: Writer, _input: RecordInput): ImageRow {
  throw internal("recordImage is not implemented yet");
}
