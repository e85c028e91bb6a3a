// The end of a container's process, in two steps that both survive a killed daemon: first the row says how it ended and
// still names its task; then what it had is taken away, and the row lets go of the task together with the `die` event.
import { messageOf } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import type { Exit } from "../../runtime/runtime.ts";
import type { ContainerRow } from "../../store/store.ts";
import { rfc3339 } from "../clock.ts";
import type { Engine } from "../engine.ts";
import { detachContainerNetworks } from "../network/attachments.ts";
import { addContainerEvent } from "./container-event.ts";
import { releaseMounts } from "./mount-sources.ts";
import { currentRow, putChange } from "./row.ts";
import { unmountShm } from "./shm.ts";

export type EndedRun = Pick<Exit, "exitCode" | "atMs" | "oomKilled" | "reason">;

/** First step, with the lock held. `isRestarting`: it will start again by its policy. */
export function recordEnd(engine: Pick<Engine, "store">, row: ContainerRow, exit: EndedRun, isRestarting: boolean): ContainerRow {
  failpoint("exit:before-row");
  const ended = engine.store.update((tx) => {
    const now = currentRow(tx, row.id);
    const change = { to: isRestarting ? ("restarting" as const) : ("exited" as const), exitCode: exit.exitCode, at: endTime(now, exit.atMs), oomKilled: exit.oomKilled };
    // a row that came from before tasks were written down gets one: it marks what is still to be done
    const more = { task: now.task ?? {}, restartCount: now.restartCount + (isRestarting ? 1 : 0) };
    return putChange(tx, now, exit.reason === undefined ? change : { ...change, error: exit.reason }, more);
  });
  failpoint("exit:after-row");
  return ended;
}

/** Second step, with the lock held; may be done again when it was broken off. Returns the row as it is then. */
export async function finishEnd(engine: Engine, row: ContainerRow): Promise<ContainerRow> {
  const [networking] = await Promise.all([
    detachContainerNetworks(engine, row),
    engine.runtime.delete(row.id, row.task).catch((error: unknown) => engine.log.error("remains of a container's process stay", { container: row.id, error: messageOf(error) })),
    unmountShm(engine, row).catch((error: unknown) => engine.log.warn("shm was not unmounted", { container: row.id, error: messageOf(error) })),
  ]);
  await releaseMounts(engine, row);
  failpoint("exit:after-cleanup");
  const rest = engine.store.update((tx) => {
    const { task: _task, attachments: _attachments, ports: _ports, ...now } = currentRow(tx, row.id);
    const next: ContainerRow = { ...now, networks: networking.networks };
    tx.containers.put(next);
    for (const actor of engine.supervisor.takeStops(row.id)) addContainerEvent(engine, tx, next, "stop", {}, actor);
    addContainerEvent(engine, tx, next, "die", { execDuration: String(ranSeconds(next)), exitCode: String(next.state.ExitCode) });
    return next;
  });
  failpoint("exit:after-die");
  engine.supervisor.ended(row.id, { exitCode: row.state.ExitCode });
  return rest;
}

/** Not before it began, whatever the clocks say. */
function endTime(row: ContainerRow, atMs: number): string {
  return atMs <= Date.parse(row.state.StartedAt) ? row.state.StartedAt : rfc3339(BigInt(Math.round(atMs * 1000)) * 1000n);
}

export function ranMs(row: Pick<ContainerRow, "state">): number {
  return Math.max(0, Date.parse(row.state.FinishedAt) - Date.parse(row.state.StartedAt));
}

function ranSeconds(row: Pick<ContainerRow, "state">): number {
  return Math.floor(ranMs(row) / 1000);
}
