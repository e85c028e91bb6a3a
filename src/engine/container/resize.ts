// POST /containers/{id}/resize
import type { Engine } from "../engine.ts";
import { findContainer } from "./row.ts";
import { assertAllowed } from "./state.ts";

export async function resizeContainer(engine: Pick<Engine, "store" | "runtime">, name: string, { height, width }: { height: number; width: number }): Promise<void> {
  const row = findContainer(engine, name);
  assertAllowed("resize", row, name);
  await engine.runtime.resize(row.id, height, width);
}
