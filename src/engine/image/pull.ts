// Pulls images from a registry.
import { notImplemented } from "../../base/errors.ts";
import type { AuthConfig } from "../../registry/registry.ts";
import type { Actor } from "../../store/store.ts";
import type { ProgressSink } from "../../wire/progress.ts";
import type { Engine } from "../engine.ts";

export interface PullRequest {
  /** As given by the client: fromImage. */
  image: string;
  tag?: string;
  platform?: string;
  auth?: AuthConfig;
  all?: boolean;
  actor: Actor;
}

export type PullParts = Pick<Engine, "store" | "registry" | "events" | "clock" | "config" | "log">;

export async function pullImage(_engine: PullParts, _request: PullRequest, _progress: ProgressSink, _signal: AbortSignal): Promise<void> {
  throw notImplemented("pull is not implemented yet");
}
