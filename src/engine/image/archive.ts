// Images to a tar archive and back: docker save and load.
import { notImplemented } from "../../base/errors.ts";
import type { Actor } from "../../store/store.ts";
import type { ProgressSink } from "../../wire/progress.ts";
import type { Engine } from "../engine.ts";

export type ArchiveParts = Pick<Engine, "store" | "events" | "clock" | "config" | "log">;

export function saveImages(_engine: ArchiveParts, _names: readonly string[], _options: { platforms?: readonly string[] }, _signal: AbortSignal): AsyncIterable<Uint8Array> {
  throw notImplemented("save is not implemented yet");
}

export interface LoadRequest {
  quiet: boolean;
  platforms?: readonly string[];
  actor: Actor;
}

export async function loadImages(_engine: ArchiveParts, _source: AsyncIterable<Uint8Array>, _request: LoadRequest, _progress: ProgressSink, _signal: AbortSignal): Promise<void> {
  throw notImplemented("load is not implemented yet");
}
