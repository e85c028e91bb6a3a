// GET /volumes/{name}
import type { Engine } from "../engine.ts";
import { volumeJson, type VolumeJson } from "./read.ts";
import { resolveVolume } from "./resolve.ts";

export function inspectVolume(engine: Pick<Engine, "store">, name: string): VolumeJson {
  return volumeJson(engine.store, engine.store.view((tx) => resolveVolume(tx, name)));
}
