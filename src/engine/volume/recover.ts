// At the start: directories of volumes that were being removed go, and empty ones that never got a row.
import { readdirSync, rmdirSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import { goingVolumes } from "./going.ts";
import { discardVolume } from "./remove.ts";

export async function recoverVolumes(engine: Pick<Engine, "store" | "log">): Promise<void> {
  const { store, log } = engine;
  for (const name of store.view((tx) => goingVolumes(tx))) {
    await discardVolume(engine, name).catch((error: unknown) => log.warn("a removed volume's files stay", { volume: name, error: messageOf(error) }));
  }
  for (const name of readdirSync(dirname(dirname(store.volumePath("any"))))) {
    if (!store.view((tx) => tx.volumes.has(name))) removeIfEmpty(store.volumePath(name));
  }
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
    rmdirSync(dirname(path));
  } catch {
    // there is something in it, so it is somebody's
  }
}
