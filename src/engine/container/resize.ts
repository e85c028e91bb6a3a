// POST /containers/{id}/resize
import type { Actor } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { emitContainerEvent } from "./container-event.ts";
import { findContainer } from "./row.ts";
import { assertAllowed } from "./state.ts";

export async function resizeContainer(engine: Pick<Engine, "store" | "events" | "runtime">, name: string, { height, width, actor }: { height: number; width: number; actor?: Actor }): Promise<void> {
  const row = findContainer(engine, name);
  assertAllowed("resize", row, name);
  await engine.runtime.resize(row.id, height, width);
  emitContainerEvent(engine, row, "resize", { height: String(height), width: String(width) }, actor);
}
