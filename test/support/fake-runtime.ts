// A runtime whose processes are records: they run until the test ends them. What a program does follows from its name.
import { internal, notFound } from "../../src/base/errors.ts";
import type { AttachStreams, ExecCreate, Exit, Resources, Runtime, TaskCreate, TaskRef, TaskStats } from "../../src/runtime/runtime.ts";

interface Stream {
  push(chunk: { stream: 1 | 2; bytes: Uint8Array } | undefined): void;
}

interface FakeTask {
  input: TaskCreate;
  pid: number;
  status: "created" | "running" | "paused" | "stopped";
  readers: Set<Stream>;
  written: string;
  stdinEnded: boolean;
  /** Signals it does not mind. */
  ignores: ReadonlySet<number>;
}

/**
 * Programs: `true`, `false`, `exit N` end at once; `ignores N…` runs and does not mind these signals; `nosuch` cannot be
 * found; anything else runs until it is killed or ended by the test.
 */
export class FakeRuntime implements Runtime {
  readonly defaultName: string = "crun";
  readonly runtimes = { crun: { path: "/usr/bin/crun", version: "1" }, runc: { path: "/usr/bin/runc", version: "1" } };
  readonly cgroupVersion = 1;
  readonly cgroupDriver = "cgroupfs";
  readonly shimVersion = "1";
  readonly tasks = new Map<string, FakeTask>();
  readonly calls: string[] = [];
  /** Thrown by the next call of that name. */
  readonly failing = new Map<string, Error>();
  /** Exit codes of execs to come, by the first word; what is not here ends with 0. */
  execExitCodes = new Map<string, number>();
  /** How it ended while the engine was away, by id. */
  readonly endedAway = new Map<string, Exit>();
  private readonly exits: ((exit: Exit) => void)[] = [];
  private readonly ooms: ((id: string) => void)[] = [];
  // beyond any real one
  private lastPid = 5_000_000;

  constructor(private readonly nowMs: () => number) {}

  async create(input: TaskCreate): Promise<{ pid: number; task: TaskRef }> {
    this.note("create", input.id);
    if (input.spec.process.args[0] === "nosuch") {
      throw internal('failed to create task for container: failed to create shim task: OCI runtime create failed: unable to start container process: exec: "nosuch": executable file not found in $PATH');
    }
    const [program, ...args] = input.spec.process.args;
    const task: FakeTask = { input, pid: ++this.lastPid, status: "created", readers: new Set(), written: "", stdinEnded: false, ignores: new Set(program === "ignores" ? args.map(Number) : []) };
    this.tasks.set(input.id, task);
    return { pid: task.pid, task: { bundle: `/fake/${input.id}`, pid: task.pid } };
  }

  async start(id: string): Promise<void> {
    this.note("start", id);
    const task = this.get(id);
    task.status = "running";
    const [program, code] = task.input.spec.process.args;
    const endsWith = program === "true" ? 0 : program === "false" ? 1 : program === "exit" ? Number(code) : undefined;
    if (endsWith !== undefined) this.end(id, endsWith);
  }

  async reconnect(id: string): Promise<"running" | "ended"> {
    this.note("reconnect", id);
    const ended = this.endedAway.get(id);
    if (ended !== undefined) {
      queueMicrotask(() => this.tell(ended));
      return "ended";
    }
    if (!this.tasks.has(id)) throw notFound(`container ${id} is not running`);
    return "running";
  }

  async discardOthers(tasks: ReadonlyMap<string, TaskRef | undefined>): Promise<void> {
    for (const id of this.tasks.keys()) if (!tasks.has(id)) this.tasks.delete(id);
  }

  async delete(id: string): Promise<void> {
    this.note("delete", id);
    const task = this.tasks.get(id);
    this.tasks.delete(id);
    for (const reader of task?.readers ?? []) reader.push(undefined);
  }

  async kill(id: string, signal: number): Promise<void> {
    this.note("kill", `${id} ${signal}`);
    const task = this.get(id);
    if (task.status === "stopped") throw notFound("process already finished");
    if (task.ignores.has(signal) || ![1, 2, 3, 9, 15].includes(signal)) return;
    this.end(id, 128 + signal);
  }

  async pause(id: string): Promise<void> {
    this.note("pause", id);
    this.get(id).status = "paused";
  }

  async resume(id: string): Promise<void> {
    this.note("resume", id);
    const task = this.get(id);
    if (task.status === "paused") task.status = "running";
  }

  async update(id: string, resources: Resources): Promise<void> {
    this.note("update", `${id} ${JSON.stringify(resources)}`);
  }

  async resize(id: string, height: number, width: number, execId = ""): Promise<void> {
    this.note("resize", `${id} ${execId} ${height}x${width}`);
  }

  async stats(id: string): Promise<TaskStats> {
    this.get(id);
    return {
      cpu: { totalNs: 1000, userNs: 600, kernelNs: 400, periods: 0, throttledPeriods: 0, throttledNs: 0 },
      memory: { usage: 4096, limit: 0, stats: { cache: 1 } },
      pids: { current: 1, limit: 0 },
      blkio: [],
      cgroupVersion: 1,
    };
  }

  async pids(id: string): Promise<number[]> {
    return [this.get(id).pid];
  }

  attach(id: string): AttachStreams {
    const task = this.get(id);
    const { output, stream, close } = channel();
    task.readers.add(stream);
    const stdin = task.input.stdin
      ? {
          write: async (bytes: Uint8Array) => void (task.written += Buffer.from(bytes).toString()),
          end: () => void (task.stdinEnded = true),
        }
      : undefined;
    return { output, close: () => (task.readers.delete(stream), close()), ...(stdin === undefined ? {} : { stdin }) };
  }

  expect(): void {}

  async drained(): Promise<void> {}

  async exec(id: string, input: ExecCreate): Promise<{ pid: number; streams: AttachStreams; exited: Promise<number> }> {
    this.note("exec", `${id} ${input.args.join(" ")}`);
    this.get(id);
    if (input.args[0] === "nosuch") throw internal('OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuch": executable file not found in $PATH');
    const { output, stream, close } = channel();
    stream.push({ stream: 1, bytes: Buffer.from(`${input.args.join(" ")}\n`) });
    stream.push(undefined);
    const exitCode = this.execExitCodes.get(input.args[0] ?? "") ?? 0;
    return { pid: ++this.lastPid, streams: { output, close }, exited: Promise.resolve(exitCode) };
  }

  onExit(listener: (exit: Exit) => void): void {
    this.exits.push(listener);
  }

  onOom(listener: (id: string) => void): void {
    this.ooms.push(listener);
  }

  async close(): Promise<void> {}

  /** The process writes. */
  write(id: string, text: string, stream: 1 | 2 = 1): void {
    for (const reader of this.get(id).readers) reader.push({ stream, bytes: Buffer.from(text) });
  }

  /** The process ends. */
  end(id: string, exitCode: number, more: Partial<Exit> = {}): void {
    const task = this.get(id);
    task.status = "stopped";
    for (const reader of task.readers) reader.push(undefined);
    task.readers.clear();
    this.tell({ id, exitCode, atMs: this.nowMs(), oomKilled: false, ...more });
  }

  /** The daemon that listened is gone. */
  forgetListeners(): void {
    this.exits.length = 0;
    this.ooms.length = 0;
  }

  oom(id: string): void {
    for (const listener of this.ooms) listener(id);
  }

  private tell(exit: Exit): void {
    for (const listener of this.exits) listener(exit);
  }

  private get(id: string): FakeTask {
    const task = this.tasks.get(id);
    if (task === undefined) throw notFound(`container ${id} is not running`);
    return task;
  }

  private note(name: string, what: string): void {
    this.calls.push(`${name} ${what}`);
    const error = this.failing.get(name);
    this.failing.delete(name);
    if (error !== undefined) throw error;
  }
}

/** An async iterable that is pushed into. */
function channel(): { output: AsyncIterable<{ stream: 1 | 2; bytes: Uint8Array }>; stream: Stream; close(): void } {
  const waiting: ({ stream: 1 | 2; bytes: Uint8Array } | undefined)[] = [];
  let wake = (): void => undefined;
  const stream: Stream = {
    push(chunk) {
      waiting.push(chunk);
      wake();
    },
  };
  async function* read(): AsyncGenerator<{ stream: 1 | 2; bytes: Uint8Array }> {
    for (;;) {
      while (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      const chunk = waiting.shift();
      if (chunk === undefined) return;
      yield chunk;
    }
  }
  return { output: read(), stream, close: () => stream.push(undefined) };
}
