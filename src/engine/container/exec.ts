// POST /containers/{id}/exec and /exec/{id}/*
import { randomBytes } from "node:crypto";
import { conflict, EngineError, internal, invalid, kindOf, messageOf, notFound } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import type { Actor, ContainerRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { emitContainerEvent } from "./container-event.ts";
import { containerUser } from "./container-user.ts";
import { parseDetachKeys } from "./detach-keys.ts";
import { execInput } from "./exec-input.ts";
import type { ExecConfig, ExecRecord } from "./exec-table.ts";
import { openSession } from "./open-session.ts";
import { currentRow, findContainer } from "./row.ts";
import { startFailure } from "./start-error.ts";
import { assertAllowed } from "./state.ts";
import type { StreamSession } from "./stream-session.ts";

export type { ExecConfig } from "./exec-table.ts";

type Parts = Pick<Engine, "store" | "events" | "runtime" | "execs" | "log">;

const EXIT_AFTER_OUTPUT_MS = 1000;

export function newExecId(): string {
  return randomBytes(32).toString("hex");
}

export async function createExec(engine: Parts, name: string, body: ExecConfig, { actor }: { actor: Actor }): Promise<{ Id: string }> {
  const row = findContainer(engine, name);
  assertAllowed("exec", row, name);
  engine.runtime.expect();
  if (parseDetachKeys(body.DetachKeys ?? "") === undefined) throw internal(`Invalid escape keys (${body.DetachKeys}) provided`);
  if ((body.User ?? "") !== "") {
    await containerUser(engine, row, body.User ?? "").catch((error: unknown) => {
      throw invalid(messageOf(error), {}, error);
    });
  }
  const id = newExecId();
  engine.execs.add({ id, containerId: row.id, config: body, state: "created", exitCode: null, pid: 0 });
  emitContainerEvent(engine, row, `exec_create: ${commandText(body)}`, { execID: id }, actor);
  failpoint("exec:after-create");
  return { Id: id };
}

export interface StartExecOptions {
  detach?: boolean;
  tty?: boolean;
  consoleSize?: [height: number, width: number] | null;
  actor?: Actor;
}

/** Returns the streams; nothing when detached. */
export async function startExec(engine: Parts, execId: string, { detach = false, consoleSize, actor }: StartExecOptions): Promise<StreamSession | undefined> {
  const record = findExec(engine, execId);
  const row = engine.store.view((tx) => currentRow(tx, record.containerId));
  if (record.state === "ended") throw conflict(`exec command ${execId} has already run`);
  if (record.state !== "created") throw conflict(`exec command ${execId} is already running`);
  assertAllowed("exec", row, row.name);
  record.state = "starting";
  emitContainerEvent(engine, row, `exec_start: ${commandText(record.config)}`, { execID: execId }, actor);
  const { config } = record;
  const tty = config.Tty === true;
  try {
    const input = await execInput(engine, row, execId, config, consoleSize ?? null);
    const made = await engine.runtime.exec(row.id, { ...input, stdin: input.stdin && !detach });
    failpoint("exec:after-process");
    record.state = "running";
    record.pid = made.pid;
    const recorded = made.exited.then(
      (exitCode) => recordEnd(engine, record, row, exitCode),
      (error: unknown) => {
        engine.log.warn("the end of an exec is not known", { exec: execId, error: messageOf(error) });
        recordEnd(engine, record, row, 255);
      },
    );
    if (detach) {
      made.streams.close();
      return undefined;
    }
    return openSession(Promise.resolve(made.streams), {
      tty,
      stdin: config.AttachStdin === true,
      stdout: config.AttachStdout === true,
      stderr: config.AttachStderr === true,
      endsStdin: true,
      detachKeys: parseDetachKeys(config.DetachKeys ?? "") ?? [],
      onDetach: () => emitContainerEvent(engine, row, "exec_detach", { execID: execId }, actor),
      settled: () => withinShort(recorded),
    });
  } catch (error) {
    if (record.state === "running") throw error;
    const failure = startFailure(error, true);
    record.state = "ended";
    // 128 is for what the runtime refuses, 126 for what does not come so far
    record.exitCode = failure.exitCode === 128 && !failure.error.message.startsWith("OCI runtime exec failed") ? 126 : failure.exitCode;
    throw failure.error;
  }
}

/** Clients ask for the exit code as soon as the output has ended: it should be there. A process may also go on without outputs. */
async function withinShort(recorded: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, EXIT_AFTER_OUTPUT_MS);
  await Promise.race([recorded, promise]);
  clearTimeout(timer);
}

function recordEnd(engine: Parts, record: ExecRecord, row: ContainerRow, exitCode: number): void {
  record.state = "ended";
  record.exitCode = exitCode;
  const now = engine.store.view((tx) => tx.containers.find(row.id));
  if (now !== undefined) emitContainerEvent(engine, now, "exec_die", { execID: record.id, exitCode: String(exitCode) });
}

export function inspectExec(engine: Pick<Engine, "execs">, execId: string): object {
  const { id, containerId, config, state, exitCode, pid } = findExec(engine, execId);
  const [entrypoint = "", ...args] = config.Cmd ?? [];
  return {
    ID: id,
    Running: state === "running",
    ExitCode: exitCode,
    ProcessConfig: { tty: config.Tty === true, entrypoint, arguments: args, privileged: config.Privileged === true, ...((config.User ?? "") === "" ? {} : { user: config.User }) },
    OpenStdin: config.AttachStdin === true,
    OpenStderr: config.AttachStderr === true,
    OpenStdout: config.AttachStdout === true,
    // Docker sets it once the process has ended and the container is looked after
    CanRemove: false,
    ContainerID: containerId,
    DetachKeys: detachKeysText(config.DetachKeys),
    Pid: pid,
  };
}

/** As Docker encodes the bytes. */
function detachKeysText(keys: string | undefined): string {
  return keys === undefined || keys === "" ? "" : Buffer.from(parseDetachKeys(keys) ?? []).toString("base64");
}

export async function resizeExec(engine: Parts, execId: string, { height, width }: { height: number; width: number }): Promise<void> {
  const record = findExec(engine, execId);
  const gone = (): EngineError => notFound(`NotFound: process does not exist ${execId}: not found`);
  if (record.state === "created" || record.state === "starting") throw internal(`exec process is not started`);
  if (record.state === "ended") throw gone();
  try {
    await engine.runtime.resize(record.containerId, height, width, execId);
  } catch (error) {
    throw kindOf(error) === "not_found" ? gone() : error;
  }
}

function findExec(engine: Pick<Engine, "execs">, execId: string): ExecRecord {
  const record = engine.execs.find(execId);
  if (record === undefined) throw notFound(`No such exec instance: ${execId}`);
  return record;
}

function commandText(config: ExecConfig): string {
  return (config.Cmd ?? []).join(" ");
}
