// The shim's task calls, typed.
import type { Spec, SpecProcess } from "./oci-spec.ts";
import { anyOf, numberOf, readFields, textOf, timeOf, writeFields, bytesOf } from "./proto.ts";
import { TtrpcClient } from "./ttrpc.ts";

const SERVICE = "containerd.task.v2.Task";
const RUNC_OPTIONS = "containerd.runc.v1.Options";
const PROCESS_SPEC = "types.containerd.io/opencontainers/runtime-spec/1/Process";
const RESOURCES = "types.containerd.io/opencontainers/runtime-spec/1/LinuxResources";

export type TaskStatus = "unknown" | "created" | "running" | "stopped" | "paused" | "pausing";
const STATUS: readonly TaskStatus[] = ["unknown", "created", "running", "stopped", "paused", "pausing"];

export interface ExitStatus {
  exitCode: number;
  /** ms since 1970 */
  atMs: number;
}

export interface CreateTask {
  id: string;
  bundle: string;
  rootfs: { type: string; source: string; options: readonly string[] };
  terminal: boolean;
  stdin: string;
  stdout: string;
  stderr: string;
  runtime: { path: string; root: string };
}

export interface ExecTask {
  id: string;
  execId: string;
  terminal: boolean;
  stdin: string;
  stdout: string;
  stderr: string;
  process: SpecProcess;
}

export class TaskClient {
  private constructor(private readonly connection: TtrpcClient) {}

  static async connect(socketPath: string): Promise<TaskClient> {
    return new TaskClient(await TtrpcClient.connect(socketPath));
  }

  get closed(): Promise<void> {
    return this.connection.closed;
  }

  async create(task: CreateTask): Promise<number> {
    const options = writeFields({ 6: task.runtime.path, 7: task.runtime.root });
    const mount = writeFields({ 1: task.rootfs.type, 2: task.rootfs.source, 4: task.rootfs.options });
    const reply = await this.call("Create", { 1: task.id, 2: task.bundle, 3: [mount], 4: task.terminal, 5: task.stdin, 6: task.stdout, 7: task.stderr, 10: anyOf(RUNC_OPTIONS, options) });
    return numberOf(readFields(reply), 1);
  }

  async start(id: string, execId = ""): Promise<number> {
    return numberOf(readFields(await this.call("Start", { 1: id, 2: execId })), 1);
  }

  async exec(task: ExecTask): Promise<void> {
    const spec = anyOf(PROCESS_SPEC, new TextEncoder().encode(JSON.stringify(task.process)));
    await this.call("Exec", { 1: task.id, 2: task.execId, 3: task.terminal, 4: task.stdin, 5: task.stdout, 6: task.stderr, 7: spec });
  }

  async wait(id: string, execId = ""): Promise<ExitStatus> {
    const reply = readFields(await this.call("Wait", { 1: id, 2: execId }));
    return { exitCode: numberOf(reply, 1), atMs: timeOf(reply, 2) };
  }

  async state(id: string): Promise<{ status: TaskStatus; pid: number; exit: ExitStatus }> {
    const reply = readFields(await this.call("State", { 1: id }));
    return { status: STATUS[numberOf(reply, 4)] ?? "unknown", pid: numberOf(reply, 3), exit: { exitCode: numberOf(reply, 9), atMs: timeOf(reply, 10) } };
  }

  async delete(id: string, execId = ""): Promise<ExitStatus> {
    const reply = readFields(await this.call("Delete", { 1: id, 2: execId }));
    return { exitCode: numberOf(reply, 2), atMs: timeOf(reply, 3) };
  }

  async kill(id: string, signal: number, { execId = "", all = false } = {}): Promise<void> {
    await this.call("Kill", { 1: id, 2: execId, 3: signal, 4: all });
  }

  async pause(id: string): Promise<void> {
    await this.call("Pause", { 1: id });
  }

  async resume(id: string): Promise<void> {
    await this.call("Resume", { 1: id });
  }

  async resize(id: string, height: number, width: number, execId = ""): Promise<void> {
    await this.call("ResizePty", { 1: id, 2: execId, 3: width, 4: height });
  }

  async closeStdin(id: string, execId = ""): Promise<void> {
    await this.call("CloseIO", { 1: id, 2: execId, 3: true });
  }

  async pids(id: string): Promise<number[]> {
    const reply = readFields(await this.call("Pids", { 1: id }));
    return (reply.get(1) ?? []).map((process) => (process instanceof Uint8Array ? numberOf(readFields(process), 1) : 0));
  }

  async update(id: string, resources: Partial<Spec["linux"]["resources"]>): Promise<void> {
    await this.call("Update", { 1: id, 2: anyOf(RESOURCES, new TextEncoder().encode(JSON.stringify(resources))) });
  }

  /** The shim's own pid. */
  async shimPid(id: string): Promise<number> {
    return numberOf(readFields(await this.call("Connect", { 1: id })), 1);
  }

  /** The shim ends if it has no containers. */
  async shutdown(): Promise<void> {
    await this.call("Shutdown", {});
  }

  close(): void {
    this.connection.close();
  }

  private call(method: string, fields: Parameters<typeof writeFields>[0]): Promise<Uint8Array> {
    return this.connection.call(SERVICE, method, writeFields(fields));
  }
}

/** Container id of an /tasks/oom event in a Forward request; undefined for other topics. */
export function oomOf(forward: Uint8Array): string | undefined {
  const envelope = readFields(bytesOf(readFields(forward), 1));
  if (textOf(envelope, 3) !== "/tasks/oom") return undefined;
  return textOf(readFields(bytesOf(readFields(bytesOf(envelope, 4)), 2)), 1);
}
