// POST /containers/{id}/pause and /unpause
import { EngineError, internal, messageOf } from "../../base/errors.ts";
import type { Actor } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { addContainerEvent } from "./container-event.ts";
import { currentRow, putChange, withContainer } from "./row.ts";
import { assertAllowed, canBecome } from "./state.ts";

type Parts = Pick<Engine, "store" | "events" | "runtime" | "containerLocks" | "supervisor">;

export async function pauseContainer(engine: Parts, name: string, { actor }: { actor: Actor }): Promise<void> {
  await withContainer(engine, name, async (row) => {
    assertAllowed("pause", row, row.name);
    await calling(`cannot pause container ${row.id}`, () => engine.runtime.pause(row.id));
    record(engine, row.id, "paused", actor);
    engine.supervisor.paused(row.id);
  });
}

export async function unpauseContainer(engine: Parts, name: string, { actor }: { actor: Actor }): Promise<void> {
  await withContainer(engine, name, async (row) => {
    assertAllowed("unpause", row, row.name);
    await resumeLocked(engine, row.id, actor);
  });
}

/** With the lock held. */
export async function resumeLocked(engine: Parts, containerId: string, actor?: Actor): Promise<void> {
  await calling(`cannot resume container ${containerId}`, () => engine.runtime.resume(containerId));
  record(engine, containerId, "resumed", actor);
  engine.supervisor.resumed(containerId);
}

/** It may have ended at the same moment: then there is nothing to write. */
function record(engine: Parts, containerId: string, to: "paused" | "resumed", actor: Actor | undefined): void {
  engine.store.update((tx) => {
    const row = currentRow(tx, containerId);
    if (!canBecome(row.state, to)) return;
    addContainerEvent(engine, tx, putChange(tx, row, { to }), to === "paused" ? "pause" : "unpause", {}, actor);
  });
}

async function calling(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw internal(`${what}: ${messageOf(error)}`, error instanceof EngineError ? { ...error.detail } : {}, error);
  }
}
