// GET /containers/{id}/stats
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";

/** Throws for an unknown name when called, not when iterated. `stream` false: one element. */
export function containerStats(_engine: Engine, _name: string, _options: { stream: boolean; oneShot?: boolean; signal?: AbortSignal }): AsyncIterable<object> {
  throw notImplemented("stub");
}
