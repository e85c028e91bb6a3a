// POST /containers/{id}/stop
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import type { Actor } from "../../store/store.ts";

/** `not_modified` if it does not run. `timeoutSeconds` negative: for ever. */
export async function stopContainer(_engine: Engine, _name: string, _options: { signal?: string; timeoutSeconds?: number; actor: Actor }): Promise<void> {
  throw notImplemented("stub");
}
