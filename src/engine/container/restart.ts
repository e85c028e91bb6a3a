// POST /containers/{id}/restart
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import type { Actor } from "../../store/store.ts";

export async function restartContainer(_engine: Engine, _name: string, _options: { signal?: string; timeoutSeconds?: number; actor: Actor }): Promise<void> {
  throw notImplemented("stub");
}
