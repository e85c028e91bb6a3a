// What happens to containers without a client asking: exits and what follows from them. Recovery is in recover.ts.
import { messageOf, notFound } from "../../base/errors.ts";
import type { Exit } from "../../runtime/runtime.ts";
import type { Actor, ContainerRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { addContainerEvent } from "./container-event.ts";
import { type EndedRun, finishEnd, ranMs, recordEnd } from "./end.ts";
import { HealthMonitors } from "./health.ts";
import { type Recovering, recoverContainers } from "./recover.ts";
import { removeLocked } from "./remove.ts";
import { restartDelayMs } from "./restart-policy.ts";
import { RestartTimers } from "./restart-timers.ts";
import { SizeMeter } from "./size-meter.ts";
import { startLocked } from "./start.ts";
import type { Supervisor, WaitCondition } from "./supervisor.ts";
import { TaskListeners, type TaskOutcome } from "./task-listeners.ts";
import { type PendingStop, PendingStops } from "./stops.ts";
import { type Ended, Waiters } from "./waiters.ts";

/** Call after the other parts exist; it listens to the runtime from then on. The engine is `{ ...parts, supervisor }`. */
export function createSupervisor(parts: Omit<Engine, "supervisor">): Supervisor {
  return new ContainerSupervisor(parts);
}

class ContainerSupervisor implements Supervisor, Recovering {
  readonly engine: Engine;
  private readonly waiters = new Waiters();
  private readonly tasks = new TaskListeners();
  private readonly stops = new PendingStops();
  private readonly timers = new RestartTimers();
  private readonly health: HealthMonitors;
  private readonly meter: SizeMeter;
  private readonly held = new Map<string, number>();
  private readonly active = new Set<Promise<void>>();
  private isClosed = false;

  constructor(parts: Omit<Engine, "supervisor">) {
    this.engine = { ...parts, supervisor: this };
    this.health = new HealthMonitors(this.engine);
    this.meter = new SizeMeter(this.engine);
    parts.runtime.onExit((exit) => this.track(`end of ${exit.id}`, () => this.handleExit(exit)));
    parts.runtime.onOom((id) => this.recordOom(id));
  }

  recover(): Promise<void> {
    return recoverContainers(this);
  }

  taskMade(containerId: string): void {
    this.tasks.tell(containerId, "made");
  }

  started(containerId: string): void {
    this.health.start(containerId, { keepState: false });
  }

  /** After a restart of the daemon. */
  continued(containerId: string): void {
    this.tasks.tell(containerId, "made");
    this.health.start(containerId, { keepState: true });
  }

  startFailed(containerId: string, ended: Ended | undefined): void {
    this.tasks.tell(containerId, "failed");
    if (ended !== undefined) this.waiters.wake(containerId, "exit", ended);
  }

  ended(containerId: string, ended: Ended): void {
    this.waiters.wake(containerId, "exit", ended);
  }

  gaveUp(containerId: string, ended: Ended): void {
    this.waiters.wake(containerId, "exit", ended);
  }

  removed(containerId: string, ended: Ended): void {
    this.cancelRestart(containerId);
    this.health.stop(containerId);
    this.tasks.tell(containerId, "failed");
    this.waiters.wake(containerId, "exit", ended);
    this.waiters.wake(containerId, "removal", ended);
  }

  paused(containerId: string): void {
    this.health.stop(containerId);
  }

  resumed(containerId: string): void {
    this.health.start(containerId, { keepState: true });
  }

  onTask(containerId: string, listener: (outcome: TaskOutcome) => void): () => void {
    return this.tasks.add(containerId, listener);
  }

  cancelRestart(containerId: string): void {
    this.timers.cancel(containerId);
  }

  holdForRestart(containerId: string): Disposable {
    const change = (by: number): void => {
      const count = (this.held.get(containerId) ?? 0) + by;
      if (count === 0) this.held.delete(containerId);
      else this.held.set(containerId, count);
    };
    change(1);
    return { [Symbol.dispose]: () => change(-1) };
  }

  stopping(containerId: string, actor: Actor): PendingStop {
    return this.stops.begin(containerId, actor);
  }

  takeStops(containerId: string): Actor[] {
    return this.stops.take(containerId);
  }

  async wait(containerId: string, condition: WaitCondition, signal?: AbortSignal): Promise<Ended> {
    const row = this.engine.store.view((tx) => tx.containers.find(containerId));
    if (row === undefined) throw notFound(`No such container: ${containerId}`, { container: containerId });
    // what has ended but still has its task is being cleaned up
    const isAtRest = !row.state.Running && row.task === undefined;
    if (condition === "not-running" && isAtRest) return row.state.Error === "" ? { exitCode: row.state.ExitCode } : { exitCode: row.state.ExitCode, error: row.state.Error };
    return this.waiters.wait(containerId, condition === "removed" ? "removal" : "exit", signal);
  }

  async idle(): Promise<void> {
    while (this.active.size > 0) await Promise.all(this.active);
    await this.meter.idle();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.timers.close();
    this.meter.close();
    await this.health.close();
    await this.idle();
  }

  /** With the lock held, of a row that runs. */
  async endRun(row: ContainerRow, exit: EndedRun): Promise<void> {
    this.health.stop(row.id);
    const isHeld = this.held.has(row.id);
    const lastDelayMs = this.timers.lastDelayMs(row.id);
    const run = { policy: row.hostConfig.RestartPolicy, exitCode: exit.exitCode, restartCount: row.restartCount, manuallyStopped: row.manuallyStopped || isHeld };
    const delayMs = restartDelayMs({ ...run, ranMs: Math.max(0, exit.atMs - Date.parse(row.state.StartedAt)), ...(lastDelayMs === undefined ? {} : { lastDelayMs }) });
    const rest = await finishEnd(this.engine, recordEnd(this.engine, row, exit, delayMs !== undefined));
    if (delayMs !== undefined) this.scheduleRestart(row.id, delayMs);
    else await this.leaveAtRest(rest, isHeld);
  }

  scheduleRestart(containerId: string, delayMs: number): void {
    if (!this.isClosed) this.timers.schedule(containerId, delayMs, () => this.track(`restart of ${containerId}`, () => this.restart(containerId)));
  }

  /** With the lock held. */
  async leaveAtRest(row: ContainerRow, isHeld = false): Promise<void> {
    if (row.hostConfig.AutoRemove === true && !isHeld) await removeLocked(this.engine, row, { volumes: true });
    else if (ranMs(row) > 0) this.meter.wants(row.id);
  }

  /** Work that nobody waits for; its failure is logged. */
  track(what: string, work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) => this.engine.log.error(`${what} failed`, { error: messageOf(error) }))
      .finally(() => this.active.delete(running));
    this.active.add(running);
  }

  private async handleExit(exit: Exit): Promise<void> {
    await this.engine.containerLocks.hold(exit.id, async () => {
      const row = this.engine.store.view((tx) => tx.containers.find(exit.id));
      // a start that failed cleans up after itself; what no row knows is swept at the start of the daemon
      if (row === undefined || row.state.Pid === 0) return;
      await this.endRun(row, exit);
    });
  }

  private async restart(containerId: string): Promise<void> {
    await this.engine.containerLocks.hold(containerId, async () => {
      const row = this.engine.store.view((tx) => tx.containers.find(containerId));
      if (row?.state.Restarting !== true || this.isClosed) return;
      await startLocked(this.engine, row, { byPolicy: true });
    });
  }

  private recordOom(containerId: string): void {
    this.engine.store.update((tx) => {
      const row = tx.containers.find(containerId);
      if (row === undefined) return;
      addContainerEvent(this.engine, tx, row, "oom");
    });
  }
}
