// POST /containers/{id}/rename
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import type { Actor } from "../../store/store.ts";

export async function renameContainer(_engine: Engine, _name: string, _newName: string, _options: { actor: Actor }): Promise<void> {
  throw notImplemented("stub");
}
