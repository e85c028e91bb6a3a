// POST /containers/{id}/kill
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import type { Actor } from "../../store/store.ts";

export async function killContainer(_engine: Engine, _name: string, _options: { signal?: string; actor: Actor }): Promise<void> {
  throw notImplemented("stub");
}
