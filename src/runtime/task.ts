// One container's task: its directory, streams, log and shim, and what must be known to find it again.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FileCalls } from "../linux/file-calls.ts";
import { makeFifo } from "../linux/fifo.ts";
import { type LogFile, openLogFile } from "./log-file.ts";
import { Output } from "./output.ts";
import type { TaskCreate, TaskLog, TaskRef } from "./runtime.ts";
import type { Shim, ShimRef } from "./shim.ts";
import { Stdin } from "./stdin.ts";

/** What TaskRef really holds. */
export interface StoredTask {
  shim: ShimRef;
  bundle: string;
  terminal: boolean;
  stdin: boolean;
  stdinOnce: boolean;
  log: TaskLog;
  runtime: string;
  cgroupsPath: string;
}

export interface Task {
  readonly id: string;
  readonly stored: StoredTask;
  readonly shim: Shim;
  readonly output: Output;
  readonly stdin: Stdin | undefined;
  readonly log: LogFile | undefined;
  /** Execs by id that are going on. */
  readonly execs: Set<string>;
  pid: number;
  oomKilled: boolean;
  /** Its end has been told. */
  ended: boolean;
}

export function bundlePath(runRoot: string, id: string): string {
  return join(runRoot, "bundles", id);
}

export interface Fifos {
  stdin: string;
  stdout: string;
  stderr: string;
}

/** Paths of a process's pipes; "" for the ones it has not. */
export function fifoPaths(directory: string, name: string, { terminal, stdin }: { terminal: boolean; stdin: boolean }): Fifos {
  return { stdin: stdin ? join(directory, `${name}-stdin`) : "", stdout: join(directory, `${name}-stdout`), stderr: terminal ? "" : join(directory, `${name}-stderr`) };
}

export function makeFifos(calls: FileCalls, fifos: Fifos): void {
  for (const path of [fifos.stdin, fifos.stdout, fifos.stderr]) if (path !== "") makeFifo(calls, path);
}

export function removeFifos(fifos: Fifos): void {
  for (const path of [fifos.stdin, fifos.stdout, fifos.stderr]) if (path !== "") rmSync(path, { force: true });
}

/** Directory with config.json and pipes. */
export function makeBundle(calls: FileCalls, runRoot: string, input: TaskCreate): { bundle: string; fifos: Fifos } {
  const bundle = bundlePath(runRoot, input.id);
  rmSync(bundle, { recursive: true, force: true });
  mkdirSync(join(bundle, "rootfs"), { recursive: true, mode: 0o711 });
  writeFileSync(join(bundle, "config.json"), JSON.stringify(input.spec));
  const fifos = fifoPaths(bundle, "main", input);
  makeFifos(calls, fifos);
  return { bundle, fifos };
}

const TASK_FILE = "task.json";

/** Beside the bundle, before the task is made: a daemon that is killed until the caller has written it down finds it there. */
export function keepTask(stored: StoredTask): void {
  writeFileSync(join(stored.bundle, TASK_FILE), JSON.stringify(stored));
}

export function keptTask(bundle: string): StoredTask | undefined {
  try {
    return JSON.parse(readFileSync(join(bundle, TASK_FILE), "utf8")) as StoredTask;
  } catch {
    // it had not come so far
    return undefined;
  }
}

/** Opens this side of the streams. */
export function openTask(id: string, stored: StoredTask, shim: Shim): Task {
  const fifos = fifoPaths(stored.bundle, "main", stored);
  const log = stored.log.driver === "none" ? undefined : openLogFile(stored.log);
  const stdin = fifos.stdin === "" ? undefined : new Stdin(fifos.stdin, stored.stdinOnce, () => shim.client.closeStdin(id));
  return { id, stored, shim, output: new Output(fifos, log), stdin, log, execs: new Set(), pid: 0, oomKilled: false, ended: false };
}

export function closeTask(task: Task): void {
  task.output.close();
  task.stdin?.close();
  task.log?.close();
}

export function taskRef(stored: StoredTask): TaskRef {
  return stored as unknown as TaskRef;
}

/** Undefined of one that says nothing. */
export function storedTask(ref: TaskRef | undefined): StoredTask | undefined {
  return ref?.["shim"] === undefined ? undefined : (ref as unknown as StoredTask);
}
