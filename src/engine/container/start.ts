// POST /containers/{id}/start
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import type { Actor } from "../../store/store.ts";

/** `not_modified` if it runs already. */
export async function startContainer(_engine: Engine, _name: string, _options: { actor: Actor }): Promise<void> {
  throw notImplemented("stub");
}
