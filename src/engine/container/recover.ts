// After a start of the daemon: every container's record is compared with what really is, and what a killed daemon had
// begun is finished or undone.
import { kindOf, messageOf } from "../../base/errors.ts";
import type { ContainerRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { detachContainerNetworks } from "../network/attachments.ts";
import { type EndedRun, finishEnd } from "./end.ts";
import { releaseMounts } from "./mount-sources.ts";
import { removeLocked } from "./remove.ts";
import { startsWithDaemon } from "./restart-policy.ts";
import { currentRow } from "./row.ts";
import { unmountShm } from "./shm.ts";
import { startLocked } from "./start.ts";

/** What recovery asks of the supervisor. */
export interface Recovering {
  readonly engine: Engine;
  /** The container's process runs on. */
  continued(containerId: string): void;
  /** With the lock held. */
  endRun(row: ContainerRow, exit: EndedRun): Promise<void>;
  /** With the lock held: nothing runs, and no policy starts it. */
  leaveAtRest(row: ContainerRow): Promise<void>;
  /** Work that nobody waits for. */
  track(what: string, work: () => Promise<void>): void;
}

const AT_ONCE = 8;
/** Docker's code for a process of whose end nothing is known. */
const UNKNOWN_EXIT = 255;

/** Returns when every record is right; restarts by policy go on behind. */
export async function recoverContainers(supervisor: Recovering): Promise<void> {
  const { engine } = supervisor;
  const rows = engine.store.view((tx) => tx.containers.list());
  const begun = rows.filter((row) => row.task !== undefined || row.starting === true);
  await engine.runtime.discardOthers(new Map(begun.map((row) => [row.id, row.task]))).catch((error: unknown) => engine.log.error("what an earlier daemon left stays", { error: messageOf(error) }));
  const waiting = rows.map((row) => row.id);
  const work = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const containerId = id;
      try {
        await engine.containerLocks.hold(containerId, () => recoverOne(supervisor, containerId));
      } catch (error) {
        engine.log.error("a container was not recovered", { container: containerId, error: messageOf(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function recoverOne(supervisor: Recovering, containerId: string): Promise<void> {
  const { engine } = supervisor;
  const find = (): ContainerRow | undefined => engine.store.view((tx) => tx.containers.find(containerId));
  const row = find();
  if (row === undefined) return;
  if (row.creating === true) return removeLocked(engine, row, { volumes: true });
  if (row.starting === true) await undoStart(engine, row);
  else if (row.state.Pid > 0) return reconnect(supervisor, row);
  else if (row.task !== undefined) await finishEnd(engine, row);
  const rest = find();
  if (rest === undefined) return;
  if (rest.state.Restarting || startsWithDaemon(rest)) {
    supervisor.track(`start of ${rest.name} with the daemon`, () => startAgain(engine, containerId));
    return;
  }
  await supervisor.leaveAtRest(rest);
}

async function reconnect(supervisor: Recovering, row: ContainerRow): Promise<void> {
  const { engine } = supervisor;
  try {
    const found = await engine.runtime.reconnect(row.id, row.task ?? {});
    // its end, with code and time, comes the way of all ends
    if (found === "running") supervisor.continued(row.id);
  } catch (error) {
    engine.log.warn("the process of a container is gone", { container: row.id, error: messageOf(error), kind: kindOf(error) });
    await supervisor.endRun(row, { exitCode: UNKNOWN_EXIT, atMs: engine.clock.nowMs(), oomKilled: false });
  }
}

/** Whatever a start had made when the daemon was killed: its process was never reported to anybody. */
async function undoStart(engine: Engine, row: ContainerRow): Promise<void> {
  await engine.runtime.delete(row.id, row.task);
  const { networks } = await detachContainerNetworks(engine, row);
  await unmountShm(engine, row);
  await releaseMounts(engine, row);
  engine.store.update((tx) => {
    const { starting: _starting, task: _task, attachments: _attachments, ports: _ports, ...now } = currentRow(tx, row.id);
    tx.containers.put({ ...now, networks });
  });
}

async function startAgain(engine: Engine, containerId: string): Promise<void> {
  await engine.containerLocks.hold(containerId, async () => {
    const row = engine.store.view((tx) => tx.containers.find(containerId));
    if (row === undefined || row.state.Pid > 0) return;
    await startLocked(engine, row, { byPolicy: true });
  });
}
