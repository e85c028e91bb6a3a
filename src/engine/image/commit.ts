// docker commit: a container's read-write layer becomes an image above the container's own.
import { notImplemented } from "../../base/errors.ts";
import type { Actor } from "../../store/store.ts";
import type { ContainerConfig } from "../../wire/docker.ts";
import type { Engine } from "../engine.ts";

export interface CommitRequest {
  repo?: string;
  tag?: string;
  comment?: string;
  author?: string;
  pause: boolean;
  changes: readonly string[];
  /** Overrides from the request's body. */
  config?: ContainerConfig;
  actor: Actor;
}

export type CommitParts = Pick<Engine, "store" | "events" | "clock" | "config" | "log" | "runtime" | "containerLocks">;

export async function commitContainer(_engine: CommitParts, _name: string, _request: CommitRequest): Promise<{ Id: string }> {
  throw notImplemented("commit is not implemented yet");
}
