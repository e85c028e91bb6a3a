// Pushes an image to a registry.
import { notImplemented } from "../../base/errors.ts";
import type { AuthConfig } from "../../registry/registry.ts";
import type { Actor } from "../../store/store.ts";
import type { ProgressSink } from "../../wire/progress.ts";
import type { Engine } from "../engine.ts";

export interface PushRequest {
  name: string;
  /** Without one, every tag of the repository. */
  tag?: string;
  platform?: string;
  auth?: AuthConfig;
  actor: Actor;
}

export type PushParts = Pick<Engine, "store" | "registry" | "events" | "clock" | "config" | "log">;

export async function pushImage(_engine: PushParts, _request: PushRequest, _progress: ProgressSink, _signal: AbortSignal): Promise<void> {
  throw notImplemented("push is not implemented yet");
}
