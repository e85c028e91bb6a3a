// POST /containers/{id}/pause and /unpause
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import type { Actor } from "../../store/store.ts";

export async function pauseContainer(_engine: Engine, _name: string, _options: { actor: Actor }): Promise<void> {
  throw notImplemented("stub");
}

export async function unpauseContainer(_engine: Engine, _name: string, _options: { actor: Actor }): Promise<void> {
  throw notImplemented("stub");
}
