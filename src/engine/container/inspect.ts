// GET /containers/{id}/json
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";

export async function inspectContainer(_engine: Engine, _name: string, _options: { size?: boolean }): Promise<object> {
  throw notImplemented("stub");
}
