// POST /containers/{id}/restart
import { EngineError, kindOf, messageOf } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import type { Engine } from "../engine.ts";
import { emitContainerEvent } from "./container-event.ts";
import { currentRow, findContainer } from "./row.ts";
import { startLocked } from "./start.ts";
import { assertAllowed } from "./state.ts";
import { stopRunning, type StopOptions } from "./stop.ts";

/** Between its end and its new start neither the restart policy nor --rm has a say. */
export async function restartContainer(engine: Engine, name: string, options: StopOptions): Promise<void> {
  const { id } = findContainer(engine, name);
  try {
    using _hold = engine.supervisor.holdForRestart(id);
    const row = findContainer(engine, id);
    assertAllowed("restart", row, name);
    if (row.state.Running) await stopRunning(engine, id, options);
    failpoint("restart:after-stop");
    await engine.containerLocks.hold(id, async () => {
      const now = engine.store.view((tx) => currentRow(tx, id));
      // somebody else was faster
      if (now.state.Running) return;
      assertAllowed("start", now, name);
      await startLocked(engine, now, { actor: options.actor });
    });
    emitContainerEvent(engine, findContainer(engine, id), "restart", {}, options.actor);
  } catch (error) {
    throw new EngineError(kindOf(error) === "invalid" ? "internal" : kindOf(error), `Cannot restart container ${name}: ${messageOf(error)}`, error instanceof EngineError ? { ...error.detail } : {}, error);
  }
}
