// GET /containers/{id}/changes
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import type { Change } from "../../store/store.ts";

export async function containerChanges(_engine: Engine, _name: string): Promise<Change[]> {
  throw notImplemented("stub");
}
