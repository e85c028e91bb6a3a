// POST /containers/{id}/start. What the start makes is undone if it fails; what a killed daemon had made, recovery finds
// by the mark in the row.
import { failpoint } from "../../base/failpoint.ts";
import { openScope } from "../../base/scope.ts";
import { type Attachment } from "../../network/network.ts";
import { createSpec, type TaskRef } from "../../runtime/runtime.ts";
import type { Actor, ContainerRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { touchImage } from "../image/touch.ts";
import { attachContainerNetworks, type ContainerNetworking, detachContainerNetworks, networkEvent } from "../network/attachments.ts";
import { addContainerEvent } from "./container-event.ts";
import { containerUser } from "./container-user.ts";
import { taskLog } from "./log-config.ts";
import { prepareMounts, releaseMounts } from "./mount-sources.ts";
import { chooseNamespaces } from "./namespaces.ts";
import { logPath, writeAddresses, writeOwnFiles } from "./own-files.ts";
import { removeLocked } from "./remove.ts";
import { currentRow, putChange, withContainer } from "./row.ts";
import { mountShm, unmountShm } from "./shm.ts";
import { consoleSize, fileOwner, specInput } from "./spec-input.ts";
import { startFailure } from "./start-error.ts";
import { assertAllowed } from "./state.ts";

/** `not_modified` if it runs already. */
export async function startContainer(engine: Engine, name: string, { actor }: { actor: Actor }): Promise<void> {
  engine.runtime.expect();
  await withContainer(engine, name, async (row) => {
    assertAllowed("start", row, name);
    await startLocked(engine, row, { actor });
  });
}

export interface StartReason {
  actor?: Actor;
  /** A restart by policy: it does not begin a new count of restarts. */
  byPolicy?: boolean;
}

/** With the lock held; the row must allow it. */
export async function startLocked(engine: Engine, row: ContainerRow, reason: StartReason): Promise<void> {
  const marked = markStarting(engine, row, reason);
  failpoint("start:after-mark");
  const progress: Progress = { isRuntimes: false };
  try {
    await using scope = openScope(engine.log);
    scope.defer("unmount volumes", () => releaseMounts(engine, marked));
    scope.defer("unmount shm", () => unmountShm(engine, marked));
    scope.defer("detach networks", () => detachContainerNetworks(engine, { ...marked, ...progress.networking }));
    scope.defer("delete task", () => (progress.wasTried === true ? engine.runtime.delete(marked.id, progress.task) : undefined));
    await run(engine, marked, progress, reason);
    scope.keep();
  } catch (error) {
    throw await failStart(engine, row.id, startFailure(error, progress.isRuntimes), reason.byPolicy);
  }
  engine.supervisor.started(row.id);
}

interface Progress {
  networking?: Pick<ContainerNetworking, "networks" | "attachments">;
  wasTried?: boolean;
  task?: TaskRef;
  /** What goes wrong now is the OCI runtime's. */
  isRuntimes: boolean;
}

function markStarting(engine: Engine, row: ContainerRow, { byPolicy = false, actor }: StartReason): ContainerRow {
  if (!byPolicy) engine.supervisor.cancelRestart(row.id);
  const owner = fileOwnerOrSelf(engine, row);
  return engine.store.update((tx) => {
    const { sizeRwBytes: _size, diskRwBytes: _disk, ...now } = currentRow(tx, row.id);
    const marked: ContainerRow = { ...now, starting: true, ...(byPolicy ? {} : { manuallyStopped: false, restartCount: 0 }) };
    if (owner.id !== row.id) marked.config = { ...now.config, Hostname: owner.config.Hostname ?? "", Domainname: owner.config.Domainname ?? "" };
    tx.containers.put(marked);
    touchImage(tx, row.imageId, engine.clock.nowMs(), actor);
    return marked;
  });
}

function fileOwnerOrSelf(engine: Engine, row: ContainerRow): ContainerRow {
  try {
    return fileOwner(engine, row);
  } catch {
    // that it is gone is said when its network is joined
    return row;
  }
}

async function run(engine: Engine, row: ContainerRow, progress: Progress, reason: StartReason): Promise<void> {
  if (row.task !== undefined) await engine.runtime.delete(row.id, row.task);
  const mounts = await prepareMounts(engine, row);
  const [user] = await Promise.all([containerUser(engine, row, row.config.User ?? ""), writeOwnFiles(engine, row), mountShm(engine, row)]);
  const { made, networking } = await makeTask(engine, row, progress, (netnsPath) => {
    const spec = createSpec(specInput(engine, row, { user, mounts, chosen: chooseNamespaces(engine, row, netnsPath) }));
    const { lower, upper = "", work = "" } = engine.store.layers.overlay(row.directory, row.diffIds);
    const size = consoleSize(row);
    const runtimeName = row.hostConfig.Runtime;
    return {
      id: row.id, spec, rootfs: { lower, upper, work }, terminal: row.config.Tty === true, ...(size === undefined ? {} : { consoleSize: size }),
      stdin: row.config.OpenStdin === true, stdinOnce: row.config.StdinOnce === true, log: taskLog(row, logPath(engine, row.id)), ...(runtimeName === undefined ? {} : { runtimeName }),
    };
  });
  failpoint("start:after-task");
  engine.supervisor.taskMade(row.id);
  progress.isRuntimes = true;
  // before it can say a word: clients read the log since this time
  const startedAt = engine.clock.nowRfc3339();
  await engine.runtime.start(row.id);
  failpoint("start:after-process");
  record(engine, row, { ...made, startedAt }, networking, reason);
  failpoint("start:after-row");
}

/** Interfaces are made while the runtime makes the process, which waits; only the namespace has to be there before. */
async function makeTask(engine: Engine, row: ContainerRow, progress: Progress, inputFor: (netnsPath: string | undefined) => Parameters<Engine["runtime"]["create"]>[0]) {
  let creating: ReturnType<Engine["runtime"]["create"]> | undefined;
  const create = async (netnsPath: string | undefined): ReturnType<Engine["runtime"]["create"]> => {
    const input = inputFor(netnsPath);
    progress.wasTried = true;
    progress.isRuntimes = true;
    return engine.runtime.create(input);
  };
  const needsInterfaces = Object.keys(row.hostConfig.Sysctls ?? {}).some((key) => key.startsWith("net."));
  let networking: ContainerNetworking | undefined;
  try {
    networking = await attachContainerNetworks(engine, row, {
      silent: true,
      onNamespace: (path) => {
        if (needsInterfaces) return;
        creating = create(path);
        // it is waited for below; until then its failure is nobody's
        creating.catch(() => undefined);
      },
    });
    progress.networking = { networks: networking.networks, attachments: networking.attachments };
  } catch (error) {
    // it has to be over before it can be taken away
    await creating?.catch(() => undefined);
    progress.isRuntimes = false;
    throw error;
  }
  writeAddresses(engine, row, networking.networks);
  failpoint("start:after-network");
  const made = await (creating ?? create(networking.netnsPath));
  progress.isRuntimes = false;
  progress.task = made.task;
  return { made, networking };
}

function record(engine: Engine, row: ContainerRow, made: { pid: number; task: TaskRef; startedAt: string }, networking: ContainerNetworking, { actor }: StartReason): void {
  const { networks, attachments, ports } = networking;
  engine.store.update((tx) => {
    const { starting: _starting, ...now } = currentRow(tx, row.id);
    const runtime = row.hostConfig.Runtime ?? engine.runtime.defaultName;
    const more = { networks, attachments: attachments as Record<string, Attachment>, ports, task: made.task, runtime, hasBeenStarted: true };
    const next = putChange(tx, now, { to: "running", pid: made.pid, at: made.startedAt }, more);
    for (const network of networking.joined) engine.events.add(tx, networkEvent("connect", network, row.id));
    addContainerEvent(engine, tx, next, "start", {}, actor);
  });
}

/** Writes the failure down; returns what to throw. */
async function failStart(engine: Engine, containerId: string, { exitCode, error }: ReturnType<typeof startFailure>, byPolicy = false): Promise<Error> {
  const row = engine.store.update((tx) => {
    const { starting: _starting, task: _task, ...now } = currentRow(tx, containerId);
    return putChange(tx, now, { to: "start-failed", exitCode, error: error.message });
  });
  engine.supervisor.startFailed(containerId, byPolicy ? { exitCode, error: error.message } : undefined);
  if (row.hostConfig.AutoRemove === true) await removeLocked(engine, row, { volumes: true });
  return error;
}
