// POST /containers/{id}/exec and /exec/{id}/*
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import type { Actor } from "../../store/store.ts";
import type { StreamSession } from "./stream-session.ts";

/** Body of POST /containers/{id}/exec. */
export interface ExecConfig {
  User?: string;
  Privileged?: boolean;
  Tty?: boolean;
  ConsoleSize?: [height: number, width: number] | null;
  AttachStdin?: boolean;
  AttachStderr?: boolean;
  AttachStdout?: boolean;
  DetachKeys?: string;
  Env?: string[] | null;
  WorkingDir?: string;
  Cmd?: string[] | null;
}

export async function createExec(_engine: Engine, _name: string, _body: ExecConfig, _options: { actor: Actor }): Promise<{ Id: string }> {
  throw notImplemented("stub");
}

/** Returns the streams; nothing when detached. */
export async function startExec(_engine: Engine, _execId: string, _options: { detach?: boolean; tty?: boolean; consoleSize?: [height: number, width: number] | null; actor?: Actor }): Promise<StreamSession | undefined> {
  throw notImplemented("stub");
}

export function inspectExec(_engine: Engine, _execId: string): object {
  throw notImplemented("stub");
}

export async function resizeExec(_engine: Engine, _execId: string, _size: { height: number; width: number }): Promise<void> {
  throw notImplemented("stub");
}
