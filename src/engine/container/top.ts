// GET /containers/{id}/top
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";

export async function containerTop(_engine: Engine, _name: string, _options: { psArgs?: string }): Promise<{ Titles: string[]; Processes: string[][] }> {
  throw notImplemented("stub");
}
