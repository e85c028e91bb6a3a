// POST /containers/{id}/attach
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import type { Actor } from "../../store/store.ts";
import type { StreamSession } from "./stream-session.ts";

export interface AttachOptions {
  stdin?: boolean;
  stdout?: boolean;
  stderr?: boolean;
  stream?: boolean;
  logs?: boolean;
  detachKeys?: string;
  actor?: Actor;
}

export async function attachContainer(_engine: Engine, _name: string, _options: AttachOptions): Promise<StreamSession> {
  throw notImplemented("stub");
}
