// POST /containers/{id}/resize
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";

export async function resizeContainer(_engine: Engine, _name: string, _size: { height: number; width: number }): Promise<void> {
  throw notImplemented("stub");
}
