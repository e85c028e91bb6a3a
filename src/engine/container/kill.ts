// POST /containers/{id}/kill, and how a process is ended that has to end.
import { setTimeout as sleep } from "node:timers/promises";
import { conflict, EngineError, internal, invalid, kindOf, messageOf } from "../../base/errors.ts";
import type { Actor, ContainerRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { addContainerEvent } from "./container-event.ts";
import { resumeLocked } from "./pause.ts";
import { currentRow, findContainer, putChange } from "./row.ts";
import { isKnownSignal, parseSignal, SIGKILL, stopSignalOf } from "./signals.ts";

const KILL_WAIT_MS = 10_000;
const LAST_WAIT_MS = 2000;

export async function killContainer(engine: Engine, name: string, { signal = "", actor }: { signal?: string; actor: Actor }): Promise<void> {
  try {
    const number = signal === "" ? SIGKILL : parseSignal(signal);
    if (!isKnownSignal(number)) throw invalid(`the linux daemon does not support signal ${number}`);
    const { id } = findContainer(engine, name);
    if (number === SIGKILL) await killAndWait(engine, id, actor);
    else await engine.containerLocks.hold(id, () => sendSignal(engine, id, number, actor));
  } catch (error) {
    throw new EngineError(kindOf(error), `cannot kill container: ${name}: ${messageOf(error)}`, error instanceof EngineError ? { ...error.detail } : {}, error);
  }
}

/** Returns once it has ended. `conflict` if it does not run. */
export async function killAndWait(engine: Engine, containerId: string, actor: Actor): Promise<void> {
  await engine.containerLocks.hold(containerId, () => sendSignal(engine, containerId, SIGKILL, actor));
  if (await endsWithin(engine, containerId, KILL_WAIT_MS)) return;
  // past the runtime, which may be what hangs
  const { state } = engine.store.view((tx) => currentRow(tx, containerId));
  if (state.Pid > 0) {
    try {
      process.kill(state.Pid, "SIGKILL");
    } catch {
      // it is gone, or nearly
    }
  }
  if (!(await endsWithin(engine, containerId, LAST_WAIT_MS))) throw internal("tried to kill container, but did not receive an exit event");
}

/** With the lock held. What counts as a stop also ends restarts by policy and a pause. */
export async function sendSignal(engine: Engine, containerId: string, signal: number, actor: Actor, options: { isStop?: boolean } = {}): Promise<void> {
  const row = engine.store.view((tx) => currentRow(tx, containerId));
  if (!row.state.Running) throw conflict(`container ${row.id} is not running`);
  const isStop = options.isStop === true || signal === SIGKILL || signal === stopSignalOf(row.config);
  if (isStop && giveUpRestart(engine, row)) return;
  if (row.state.Restarting) return;
  if (isStop && !row.manuallyStopped) engine.store.update((tx) => tx.containers.put({ ...currentRow(tx, row.id), manuallyStopped: true }));
  try {
    await engine.runtime.kill(row.id, signal);
  } catch (error) {
    // its end is on the way here
    if (kindOf(error) !== "not_found") throw new EngineError(kindOf(error), `Cannot kill container ${row.id}: ${messageOf(error)}`, {}, error);
    return;
  }
  engine.store.update((tx) => addContainerEvent(engine, tx, currentRow(tx, row.id), "kill", { signal: String(signal) }, actor));
  if (!isStop || !row.state.Paused) return;
  // SIGKILL thaws it by itself on some kernels: nobody is told, its end is what counts
  if (signal === SIGKILL) await engine.runtime.resume(row.id).catch(() => undefined);
  else await resumeLocked(engine, row.id);
}

/** With the lock held: of a container that waits for its restart nothing has to be ended. True if it was one. */
function giveUpRestart(engine: Engine, row: ContainerRow): boolean {
  engine.supervisor.cancelRestart(row.id);
  if (!row.state.Restarting) return false;
  engine.store.update((tx) => putChange(tx, currentRow(tx, row.id), { to: "given-up" }, { manuallyStopped: true }));
  engine.supervisor.gaveUp(row.id, { exitCode: row.state.ExitCode });
  return true;
}

/** False if it still runs after that time. */
export async function endsWithin(engine: Pick<Engine, "supervisor">, containerId: string, timeoutMs: number): Promise<boolean> {
  const control = new AbortController();
  const ended = engine.supervisor.wait(containerId, "not-running", control.signal).then(
    () => true,
    // removed meanwhile, or not waited for any more
    () => !control.signal.aborted,
  );
  if (timeoutMs === Number.POSITIVE_INFINITY) return ended;
  const timeout = sleep(timeoutMs, false, { signal: control.signal }).catch(() => false);
  try {
    return await Promise.race([ended, timeout]);
  } finally {
    control.abort();
  }
}
