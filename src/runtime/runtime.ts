// Door of the runtime: containers as processes. Speaks shim v2 to containerd-shim-runc-v2, which drives crun or runc.
// Remembers nothing that must survive: `TaskRef` is written down by the caller and handed back after a restart.
import type { HostConfig } from "../wire/docker.ts";
import type { Spec } from "./oci-spec.ts";

export type { NamespaceChoice, Spec, SpecInput, SpecMount, SpecUser } from "./oci-spec.ts";
export { createSpec } from "./spec.ts";
export { thisHost } from "./spec-host.ts";
export { openRuntime } from "./open.ts";
export type { LogFile, LogLine, LogOptions, LogReadOptions } from "./log-file.ts";
export { openLogFile, readLog } from "./log-file.ts";

/** Plain JSON: what finds a task again after the daemon was restarted (shim socket, bundle, FIFOs, runtime name, log path…). */
export type TaskRef = Readonly<Record<string, unknown>>;

export interface OverlayRootfs {
  lower: readonly string[];
  upper: string;
  work: string;
}

export interface TaskLog {
  /** json-file: path of the log; none: nothing is kept. */
  driver: "json-file" | "none";
  path: string;
  maxSizeBytes: number;
  maxFiles: number;
  compress: boolean;
  /** Goes into each line's `attrs`. */
  attrs?: Record<string, string>;
}

export interface TaskCreate {
  id: string;
  spec: Spec;
  rootfs: OverlayRootfs;
  terminal: boolean;
  consoleSize?: [height: number, width: number];
  stdin: boolean;
  /** stdin is closed for the process when the first attached client that writes goes away. */
  stdinOnce: boolean;
  log: TaskLog;
  /** Name from HostConfig.Runtime; undefined: the default. */
  runtimeName?: string;
}

export interface Exit {
  id: string;
  exitCode: number;
  /** ms since 1970 */
  atMs: number;
  oomKilled: boolean;
  /** Why, when it was not the process's own end: "shim died". */
  reason?: string;
}

export interface AttachStreams {
  /** Writes to the process; `end` closes its stdin. Undefined when stdin is not open. */
  stdin?: { write(bytes: Uint8Array): Promise<void>; end(): void };
  /** What the process writes from now on. `stream` 1 stdout (and everything of a terminal), 2 stderr. Ends when the process's streams have ended. */
  output: AsyncIterable<{ stream: 1 | 2; bytes: Uint8Array }>;
  /** Stops receiving. */
  close(): void;
}

export interface ExecCreate {
  execId: string;
  args: readonly string[];
  env: readonly string[];
  cwd: string;
  user: { uid: number; gid: number; additionalGids: readonly number[]; username?: string };
  terminal: boolean;
  consoleSize?: [height: number, width: number];
  stdin: boolean;
  capabilities?: readonly string[];
  noNewPrivileges?: boolean;
  apparmorProfile?: string;
  /** Of the container: its limits and security options hold for every process in it. */
  hostConfig?: HostConfig;
}

/** From cgroups, whichever version; bytes and nanoseconds. */
export interface TaskStats {
  cpu: { totalNs: number; userNs: number; kernelNs: number; perCpuNs?: number[]; periods: number; throttledPeriods: number; throttledNs: number };
  memory: { usage: number; maxUsage?: number; limit: number; stats: Record<string, number>; failcnt?: number };
  pids: { current: number; limit: number };
  blkio: { op: string; major: number; minor: number; bytes: number; ops: number }[];
  cgroupVersion: 1 | 2;
}

export interface Resources {
  cpuShares?: number; cpuPeriod?: number; cpuQuota?: number; cpusetCpus?: string; cpusetMems?: string;
  memory?: number; memorySwap?: number; memoryReservation?: number; pidsLimit?: number; blkioWeight?: number;
}

export interface Runtime {
  /** Default runtime, e.g. "crun" or "runc", chosen by trying. */
  readonly defaultName: string;
  /** All usable ones: name → path. */
  readonly runtimes: Readonly<Record<string, { path: string; version: string }>>;
  readonly cgroupVersion: 1 | 2;
  readonly cgroupDriver: "cgroupfs" | "systemd";
  readonly shimVersion: string;

  /** A container or an exec will be started soon: what can be made ready ahead is, at the same time. */
  expect(): void;
  /** Makes bundle, shim, streams and log; the container exists but its process waits. Undone wholly if it throws.
   * Errors keep the OCI runtime's text, wrapped as Docker does: `failed to create task for container: failed to create shim task: OCI runtime create failed: …`. */
  create(input: TaskCreate): Promise<{ pid: number; task: TaskRef }>;
  /** Lets the process run. */
  start(id: string): Promise<void>;
  /** Finds a task of an earlier daemon again and takes up its streams and log where they were; `onExit` tells if it has ended meanwhile (its exit code and time are known unless the shim is gone). */
  reconnect(id: string, task: TaskRef): Promise<"running" | "ended">;
  /** Takes away what is left of a task whether or not its process or shim lives: processes, cgroup, rootfs mount, bundle, FIFOs. Idempotent. */
  delete(id: string, task?: TaskRef): Promise<void>;
  /** Before anything is started: ends what an earlier daemon left and none of these containers has, whether tasks or shims. */
  discardOthers(tasks: ReadonlyMap<string, TaskRef | undefined>): Promise<void>;
  /** `not_found` if there is no such process. */
  kill(id: string, signal: number, options?: { all?: boolean; execId?: string }): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  update(id: string, resources: Resources): Promise<void>;
  resize(id: string, height: number, width: number, execId?: string): Promise<void>;
  stats(id: string): Promise<TaskStats>;
  /** Host pids of all its processes. */
  pids(id: string): Promise<number[]>;
  /** Streams of the main process. `undefined` id: `not_found`. */
  attach(id: string): AttachStreams;
  /** Resolves once everything the process has written so far is in the log and with the attached (used before ending a wait, and on exit). */
  drained(id: string): Promise<void>;

  /** Starts a further process; `exited` resolves with its code when it and its streams have ended. */
  exec(id: string, input: ExecCreate): Promise<{ pid: number; streams: AttachStreams; exited: Promise<number> }>;

  /** The only upward road: every end of a main process comes here exactly once, also those learned at reconnect. All output is in the log before. */
  onExit(listener: (exit: Exit) => void): void;
  onOom(listener: (id: string) => void): void;
  /** Ends the daemon's part; containers go on. */
  close(): Promise<void>;
}

export interface RuntimeOptions {
  /** exec-root: bundles, sockets, FIFOs. */
  runRoot: string;
  /** data-root, for nothing but the shim's own log when debugging. */
  defaultRuntime?: string;
  extraRuntimes?: Readonly<Record<string, { path: string; args?: readonly string[] }>>;
  containersPerShim: number;
  shimPath?: string;
}
