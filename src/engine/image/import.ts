// docker import: a root file system's tar becomes an image of one layer.
import { notImplemented } from "../../base/errors.ts";
import type { Actor } from "../../store/store.ts";
import type { ImageId } from "../../wire/oci.ts";
import type { ProgressSink } from "../../wire/progress.ts";
import type { Engine } from "../engine.ts";

export interface ImportRequest {
  repo?: string;
  tag?: string;
  message?: string;
  /** Dockerfile instructions. */
  changes: readonly string[];
  platform?: string;
  actor: Actor;
}

export type ImportParts = Pick<Engine, "store" | "events" | "clock" | "config" | "log">;

/** `source` is the body, or an URL to fetch. */
export async function importImage(_engine: ImportParts, _source: AsyncIterable<Uint8Array> | string, _request: ImportRequest, _progress: ProgressSink, _signal: AbortSignal): Promise<ImageId> {
  throw notImplemented("import is not implemented yet");
}
