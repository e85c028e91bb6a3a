// GET /containers/{id}/logs
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import type { OutputChunk } from "./stream-session.ts";

export interface ContainerLogsOptions {
  stdout: boolean;
  stderr: boolean;
  since?: string;
  until?: string;
  timestamps?: boolean;
  details?: boolean;
  tail?: string;
  follow?: boolean;
  signal?: AbortSignal;
}

/** Errors come at once; `output` begins when iterated. */
export async function containerLogs(_engine: Engine, _name: string, _options: ContainerLogsOptions): Promise<{ tty: boolean; output: AsyncIterable<OutputChunk> }> {
  throw notImplemented("stub");
}
