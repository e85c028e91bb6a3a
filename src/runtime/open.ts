// The runtime over shims. Every end of a main process takes one road, `finish`, however it was learned.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { invalid, messageOf, notFound, unavailable } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { type Cgroups, openCgroups } from "../linux/cgroup.ts";
import { type FileCalls, MNT_DETACH, openFileCalls } from "../linux/file-calls.ts";
import { type FifoHolder, openFifoHolder } from "../linux/fifo-holder.ts";
import { runTool } from "../linux/run-tool.ts";
import { CompiledSeccomp } from "./compiled-seccomp.ts";
import { createError, isCgroupParentGone, taskError } from "./error-text.ts";
import { drain, startExec } from "./exec.ts";
import { bundlePath, closeTask, fifoPaths, keepTask, keptTask, makeBundle, openTask, storedTask, type StoredTask, type Task, taskRef } from "./task.ts";
import { Programs } from "./programs.ts";
import type { AttachStreams, ExecCreate, Exit, Resources, Runtime, RuntimeOptions, TaskCreate, TaskRef, TaskStats } from "./runtime.ts";
import { findProgram, findRuntimes, type FoundRuntime } from "./runtime-choice.ts";
import { NAMESPACE, type Shim, ShimPool } from "./shim.ts";
import { oomOf } from "./task-client.ts";
import { isShimGone, serveTtrpc, type TtrpcServer } from "./ttrpc.ts";
import { resourcesOf } from "./update.ts";

const SIGKILL_CODE = 137;
const CREATE_TRIES = 5;
/** Where containers are put unless asked otherwise. */
const CGROUP_PARENT = "/berth";

export async function openRuntime(options: RuntimeOptions, log: Log): Promise<Runtime> {
  const shimPath = findProgram(options.shimPath ?? "containerd-shim-runc-v2");
  const [{ runtimes, defaultName }, shimSays] = await Promise.all([findRuntimes(options), shimPath === undefined ? undefined : runTool([shimPath, "-v"])]);
  const shimVersion = /Version:\s*(\S+)/.exec(shimSays?.stdout ?? "")?.[1] ?? "";
  mkdirSync(join(options.runRoot, "bundles"), { recursive: true, mode: 0o711 });
  const runtime = new ShimRuntime({ ...options, shimPath: shimPath ?? "" }, { runtimes, defaultName, shimVersion }, log);
  await runtime.listen();
  return runtime;
}

class ShimRuntime implements Runtime {
  readonly defaultName: string;
  readonly runtimes: Readonly<Record<string, FoundRuntime>>;
  readonly shimVersion: string;
  readonly cgroupDriver = "cgroupfs";
  private readonly cgroups: Cgroups = openCgroups();
  private readonly calls: FileCalls = openFileCalls();
  private readonly tasks = new Map<string, Task>();
  private readonly shims: ShimPool;
  private readonly holder: FifoHolder;
  private readonly programs: Programs;
  private readonly seccomp: CompiledSeccomp;
  private readonly exits: ((exit: Exit) => void)[] = [];
  private readonly ooms: ((id: string) => void)[] = [];
  private readonly eventsSocket: string;
  private server: TtrpcServer | undefined;
  private closed = false;

  constructor(
    private readonly options: RuntimeOptions & { shimPath: string },
    found: Pick<Runtime, "defaultName" | "runtimes" | "shimVersion">,
    private readonly log: Log,
  ) {
    this.defaultName = found.defaultName;
    this.runtimes = found.runtimes;
    this.shimVersion = found.shimVersion;
    this.eventsSocket = join(options.runRoot, "shim-events.sock");
    this.holder = openFifoHolder(this.calls, join(options.runRoot, "pipes"));
    this.programs = new Programs(this.calls, join(options.runRoot, "programs"), found.runtimes, log);
    this.seccomp = new CompiledSeccomp(join(this.runtimeRoot(), NAMESPACE));
    this.shims = new ShimPool({ ...options, eventsSocket: this.eventsSocket, calls: this.calls, log: log.child("shim"), onGone: (shim) => this.shimGone(shim) });
  }

  get cgroupVersion(): 1 | 2 {
    return this.cgroups.version;
  }

  async listen(): Promise<void> {
    rmSync(this.eventsSocket, { force: true });
    this.server = await serveTtrpc(this.eventsSocket, (_method, payload) => {
      const id = oomOf(payload);
      const task = id === undefined ? undefined : this.tasks.get(id);
      if (task !== undefined) this.oom(task);
      return new Uint8Array(0);
    });
  }

  expect(): void {
    void this.cgroups.wake();
  }

  async create(input: TaskCreate): Promise<{ pid: number; task: TaskRef }> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.createOnce(input);
      } catch (error) {
        if (tries === CREATE_TRIES || !isCgroupParentGone(error)) throw error;
        this.log.warn("the parent of a container's cgroup was not there: once more", { id: input.id, error: messageOf(error) });
      }
    }
  }

  private async createOnce(input: TaskCreate): Promise<{ pid: number; task: TaskRef }> {
    const runtime = this.runtimeNamed(input.runtimeName ?? this.defaultName);
    if (this.options.shimPath === "") throw unavailable("containerd-shim-runc-v2 is not installed: containers cannot be run");
    const isCrun = basename(runtime.path) === "crun";
    const spec = isCrun ? this.seccomp.apply(input.spec) : input.spec;
    const { bundle, fifos } = makeBundle(this.calls, this.options.runRoot, { ...input, spec });
    let task: Task | undefined;
    let shim: Shim | undefined;
    try {
      shim = await this.shims.take(input.id);
      const stored = storedOf(input, { bundle, shim, runtime: input.runtimeName ?? this.defaultName });
      keepTask(stored);
      task = openTask(input.id, stored, shim);
      const { lower, upper, work } = input.rootfs;
      const rootfs = { type: "overlay", source: "overlay", options: [`lowerdir=${lower.join(":")}`, `upperdir=${upper}`, `workdir=${work}`, "index=off"] };
      task.pid = await shim.client.create({ id: input.id, bundle, rootfs, terminal: input.terminal, ...fifos, runtime: { path: this.programs.pathOf(runtime.path), root: this.runtimeRoot() } });
      if (isCrun && spec === input.spec) void this.seccomp.learn(input.id, spec);
      task.output.begin();
      this.holdPipes(task);
      if (input.terminal && input.consoleSize !== undefined && input.consoleSize[0] > 0) await shim.client.resize(input.id, input.consoleSize[0], input.consoleSize[1]).catch(() => undefined);
      this.tasks.set(input.id, task);
      this.watch(task);
      return { pid: task.pid, task: taskRef(stored) };
    } catch (error) {
      if (task !== undefined) closeTask(task);
      if (shim !== undefined) this.shims.giveBack(shim, input.id);
      await this.cleanUp(input.id, { bundle, cgroupsPath: input.spec.linux.cgroupsPath, runtime: runtime.path });
      throw createError(error, input.spec.process.args[0] ?? "");
    }
  }

  async start(id: string): Promise<void> {
    const task = this.get(id);
    try {
      await task.shim.client.start(id);
    } catch (error) {
      throw createError(error, "");
    }
  }

  async reconnect(id: string, ref: TaskRef): Promise<"running" | "ended"> {
    const stored = storedTask(ref);
    if (stored === undefined) throw notFound(`nothing is known of the process of container ${id}`);
    let task: Task | undefined;
    let shim: Shim | undefined;
    try {
      shim = await this.shims.find(stored.shim, id);
      task = openTask(id, stored, shim);
      const state = await shim.client.state(id);
      task.pid = state.pid;
      this.tasks.set(id, task);
      task.output.begin({ again: true });
      this.watch(task);
      return state.status === "stopped" ? "ended" : "running";
    } catch (error) {
      this.log.warn("a container's shim is gone", { id, error: messageOf(error) });
      if (task !== undefined) closeTask(task);
      if (shim !== undefined) this.shims.giveBack(shim, id);
      else rmSync(stored.shim.directory, { recursive: true, force: true });
      await this.cleanUp(id, { ...stored, runtime: this.programOf(stored) });
      queueMicrotask(() => this.tell({ id, exitCode: SIGKILL_CODE, atMs: Date.now(), oomKilled: false, reason: "shim died while the engine was away" }));
      return "ended";
    }
  }

  async delete(id: string, ref?: TaskRef): Promise<void> {
    const task = this.tasks.get(id);
    const bundle = bundlePath(this.options.runRoot, id);
    const stored = task?.stored ?? storedTask(ref) ?? keptTask(bundle);
    let isDeleted = stored === undefined;
    if (task === undefined && stored !== undefined) isDeleted = await this.deleteUnknown(id, stored);
    if (task !== undefined) {
      this.tasks.delete(id);
      const isOver = task.ended;
      task.ended = true;
      isDeleted = await this.deleteInShim(task, isOver);
      closeTask(task);
    }
    const runtime = isDeleted || stored === undefined ? undefined : this.programOf(stored);
    await this.cleanUp(id, { bundle: stored?.bundle ?? bundle, cgroupsPath: stored?.cgroupsPath, runtime });
    this.holder.drop(pipesName(id));
    if (task !== undefined) this.shims.giveBack(task.shim, id);
  }

  async discardOthers(tasks: ReadonlyMap<string, TaskRef | undefined>): Promise<void> {
    for (const id of readdirSync(join(this.options.runRoot, "bundles"))) {
      if (tasks.has(id)) continue;
      this.log.info("taking away a task that no container has", { id });
      await this.delete(id).catch((error: unknown) => this.log.error("a task that no container has stays", { id, error: messageOf(error) }));
    }
    const known = [...tasks].flatMap(([id, ref]) => storedTask(ref) ?? keptTask(bundlePath(this.options.runRoot, id)) ?? []);
    await this.shims.endOthers(new Set(known.map(({ shim }) => shim.directory)));
  }

  async kill(id: string, signal: number, { all = false, execId = "" }: { all?: boolean; execId?: string } = {}): Promise<void> {
    await this.asked(id, (task) => task.shim.client.kill(id, signal, { all, execId }));
  }

  pause(id: string): Promise<void> {
    return this.asked(id, (task) => task.shim.client.pause(id));
  }

  resume(id: string): Promise<void> {
    return this.asked(id, (task) => task.shim.client.resume(id));
  }

  update(id: string, resources: Resources): Promise<void> {
    return this.asked(id, (task) => task.shim.client.update(id, resourcesOf(resources)));
  }

  resize(id: string, height: number, width: number, execId?: string): Promise<void> {
    return this.asked(id, (task) => task.shim.client.resize(id, height, width, execId));
  }

  async stats(id: string): Promise<TaskStats> {
    return { ...this.cgroups.stats(this.get(id).stored.cgroupsPath), cgroupVersion: this.cgroups.version };
  }

  async pids(id: string): Promise<number[]> {
    return this.cgroups.pids(this.get(id).stored.cgroupsPath);
  }

  attach(id: string): AttachStreams {
    const { output, stdin } = this.get(id);
    return { ...output.attach(), ...(stdin === undefined ? {} : { stdin: stdin.client() }) };
  }

  async drained(id: string): Promise<void> {
    const task = this.tasks.get(id);
    if (task !== undefined) await drain(task.output);
  }

  exec(id: string, input: ExecCreate): Promise<{ pid: number; streams: AttachStreams; exited: Promise<number> }> {
    return startExec(this.calls, this.get(id), input);
  }

  onExit(listener: (exit: Exit) => void): void {
    this.exits.push(listener);
  }

  onOom(listener: (id: string) => void): void {
    this.ooms.push(listener);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.shims.close();
    this.holder.close(this.tasks.size === 0);
    if (this.tasks.size === 0) this.programs.release();
    for (const task of this.tasks.values()) closeTask(task);
    this.tasks.clear();
    await this.server?.close();
    rmSync(this.eventsSocket, { force: true });
    this.cgroups.tidy(CGROUP_PARENT);
  }

  private get(id: string): Task {
    const task = this.tasks.get(id);
    if (task === undefined) throw notFound(`container ${id} is not running`);
    return task;
  }

  private async asked(id: string, ask: (task: Task) => Promise<void>): Promise<void> {
    try {
      await ask(this.get(id));
    } catch (error) {
      throw taskError(error);
    }
  }

  /** So that what it has written is not lost when it ends while no engine runs. */
  private holdPipes(task: Task): void {
    const { stdout, stderr } = fifoPaths(task.stored.bundle, "main", task.stored);
    this.holder.hold(pipesName(task.id), stderr === "" ? [stdout] : [stdout, stderr]);
  }

  private runtimeNamed(name: string): FoundRuntime {
    const known = this.runtimes[name] ?? (name === "io.containerd.runc.v2" ? this.runtimes[this.defaultName] : undefined);
    if (known === undefined) throw invalid(`unknown or invalid runtime name: ${name}`);
    return known;
  }

  private runtimeRoot(): string {
    return join(this.options.runRoot, "oci");
  }

  /** Waits for its end; a shim that dies is another way to learn of it. */
  private watch(task: Task): void {
    task.shim.client.wait(task.id).then(
      ({ exitCode, atMs }) => void this.finish(task, { exitCode, atMs }),
      (error: unknown) => {
        if (!isShimGone(error)) void this.finish(task, { exitCode: SIGKILL_CODE, atMs: Date.now(), reason: messageOf(error) });
      },
    );
  }

  private async finish(task: Task, end: { exitCode: number; atMs: number; reason?: string }): Promise<void> {
    if (task.ended || this.closed) return;
    task.ended = true;
    const oomKilled = task.oomKilled || this.cgroups.wasOomKilled(task.stored.cgroupsPath);
    await drain(task.output);
    task.output.close();
    if (this.closed) return;
    this.tell({ id: task.id, atMs: end.atMs, exitCode: end.exitCode, oomKilled, ...(end.reason === undefined ? {} : { reason: end.reason }) });
  }

  private tell(exit: Exit): void {
    for (const listener of this.exits) listener(exit);
  }

  private oom(task: Task): void {
    task.oomKilled = true;
    for (const listener of this.ooms) listener(task.id);
  }

  private shimGone(shim: Shim): void {
    if (this.closed) return;
    this.log.error("a shim died", { pid: shim.pid, containers: [...shim.containers] });
    for (const id of shim.containers) {
      const task = this.tasks.get(id);
      if (task === undefined) continue;
      // its processes have lost their parent and their streams: they do not go on
      void this.cgroups.remove(task.stored.cgroupsPath).then(
        () => this.finish(task, { exitCode: SIGKILL_CODE, atMs: Date.now(), reason: "shim died" }),
        (error: unknown) => this.log.error("cannot end what a dead shim left", { id, error }),
      );
    }
    rmSync(shim.directory, { recursive: true, force: true });
  }

  /** Of an earlier daemon, and not taken up again. */
  private async deleteUnknown(id: string, stored: StoredTask): Promise<boolean> {
    const shim = await this.shims.find(stored.shim, id).catch(() => undefined);
    if (shim === undefined) {
      rmSync(stored.shim.directory, { recursive: true, force: true });
      return false;
    }
    const isDeleted = await this.deleteInShim({ id, shim }, false);
    this.shims.giveBack(shim, id);
    return isDeleted;
  }

  private programOf(stored: StoredTask): string {
    return this.runtimes[stored.runtime]?.path ?? stored.runtime;
  }

  /** False if the shim could not: then the runtime is asked past it. */
  private async deleteInShim(task: Pick<Task, "id" | "shim">, isOver: boolean): Promise<boolean> {
    const { client } = task.shim;
    try {
      if (!isOver && (await client.state(task.id)).status !== "stopped") {
        const ended = client.wait(task.id);
        await client.kill(task.id, 9, { all: true }).catch(() => undefined);
        await ended;
      }
      await client.delete(task.id);
      return true;
    } catch (error) {
      if (!isShimGone(error)) this.log.debug("shim could not delete a task", { id: task.id, error: messageOf(error) });
      return false;
    }
  }

  /** What may be left whether or not a shim did its part. */
  private async cleanUp(id: string, left: { bundle: string; cgroupsPath?: string | undefined; runtime?: string | undefined }): Promise<void> {
    if (left.cgroupsPath !== undefined) await this.cgroups.remove(left.cgroupsPath);
    if (left.runtime !== undefined) {
      await runTool([left.runtime, "--root", join(this.runtimeRoot(), NAMESPACE), "delete", "--force", id]).catch(() => undefined);
    }
    while (this.calls.unmount(join(left.bundle, "rootfs"), MNT_DETACH));
    rmSync(left.bundle, { recursive: true, force: true });
  }
}

/** A variable's name in the holder's shell. */
function pipesName(id: string): string {
  return id.replace(/\W/g, "_");
}

function storedOf(input: TaskCreate, { bundle, shim, runtime }: { bundle: string; shim: Shim; runtime: string }): StoredTask {
  return {
    shim: { socket: shim.socket, directory: shim.directory, pid: shim.pid },
    bundle,
    terminal: input.terminal,
    stdin: input.stdin,
    stdinOnce: input.stdinOnce,
    log: input.log,
    runtime,
    cgroupsPath: input.spec.linux.cgroupsPath,
  };
}
