// GET /containers/{id}/changes
import type { Change } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { findContainer } from "./row.ts";

export async function containerChanges(engine: Pick<Engine, "store">, name: string): Promise<Change[]> {
  const row = findContainer(engine, name);
  return engine.store.layers.changes(row.directory, row.diffIds);
}
