// A daemon that is killed at named points, and what it must be like after its next start.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Failpoint } from "../../src/base/failpoint.ts";
import { importBase } from "../contract/imported-image.ts";
import { type Answer, type DaemonOptions, startDaemon, type TestDaemon } from "./daemon.ts";
import { cgroupParent, type MachineTraces, machineTraces, removeCgroupParent } from "./machine-traces.ts";
import { poll } from "./poll.ts";

export const IMAGE = "crash:1";
/** Ends as 7 when it is asked to. */
export const ENDS_AS_7 = ["sh", "-c", "trap 'echo end; exit 7' TERM; echo begin; while :; do sleep 0.02; done"];

export interface Inspected {
  Id: string;
  Name: string;
  RestartCount: number;
  State: { Status: string; Running: boolean; ExitCode: number; Error: string; OOMKilled: boolean; Pid: number; StartedAt: string; FinishedAt: string };
  Mounts: { Name?: string; Source: string }[];
  NetworkSettings: { IPAddress: string; Ports: Record<string, { HostPort: string }[] | null> };
  HostConfig: Record<string, unknown>;
}

export interface CrashLab extends AsyncDisposable {
  readonly daemon: TestDaemon;
  /** Does `work` with the point armed, waits until the daemon is killed by it, and starts the daemon again. */
  crashAt(point: Failpoint, work: () => Promise<unknown>): Promise<void>;
  /** Of a daemon that does not run: one start after the other that is killed at its point, then one that goes through. */
  crashInRecoveryAt(points: readonly Failpoint[]): Promise<void>;
  create(name: string, body?: object): Promise<string>;
  run(name: string, body?: object): Promise<string>;
  inspect(name: string): Promise<Inspected>;
  exists(name: string): Promise<boolean>;
  status(name: string): Promise<string>;
  /** Throws unless the answer is a good one. */
  ok(method: string, path: string, body?: unknown): Promise<Answer>;
  logs(name: string): Promise<string>;
  exec(name: string, command: string[]): Promise<string>;
  /** `action` of every event of the container that has this name now, in order. */
  actions(name: string): Promise<string[]>;
  /** Removes everything but the image; then nothing more must be there than before the first container. */
  leavesNothing(): Promise<void>;
}

export async function openCrashLab({ flags = [], changes = ["VOLUME /data"] }: DaemonOptions & { changes?: readonly string[] } = {}): Promise<CrashLab> {
  const lab = new Lab();
  await lab.open(flags, changes);
  return lab;
}

class Lab implements CrashLab {
  daemon!: TestDaemon;
  private baseline!: Omit<MachineTraces, "shims">;
  private get armed(): string {
    return join(this.daemon.directory, "failpoint");
  }

  async open(flags: readonly string[], changes: readonly string[]): Promise<void> {
    this.daemon = await startDaemon({ flags, env: { BERTH_FAILPOINT: "@failpoint" } });
    await importBase(this.daemon.socket, { repo: "crash", tag: "1", changes });
    this.baseline = this.traces();
  }

  async crashAt(point: Failpoint, work: () => Promise<unknown>): Promise<void> {
    writeFileSync(this.armed, `${point}:kill`);
    try {
      // the connection ends with the daemon, and so may the answer
      const done = work().catch(() => undefined);
      await this.killed(point);
      await done;
    } finally {
      rmSync(this.armed, { force: true });
    }
    await this.daemon.start();
  }

  async crashInRecoveryAt(points: readonly Failpoint[]): Promise<void> {
    for (const point of points) {
      writeFileSync(this.armed, `${point}:kill`);
      try {
        await this.daemon.start().catch(() => undefined);
        await this.killed(point);
      } finally {
        rmSync(this.armed, { force: true });
      }
    }
    await this.daemon.start();
  }

  private killed(point: string): Promise<void> {
    return poll(`the daemon comes by ${point}`, () => this.daemon.endedBy === "SIGKILL", 15_000);
  }

  async ok(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.daemon.call(method, path, body);
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer;
  }

  async create(name: string, body: object = {}): Promise<string> {
    const { HostConfig = {}, ...config } = body as { HostConfig?: object };
    const answer = await this.ok("POST", `/containers/create?name=${name}`, { Image: IMAGE, Cmd: ENDS_AS_7, ...config, HostConfig: { CgroupParent: cgroupParent(this.daemon), ...HostConfig } });
    return (answer.json() as { Id: string }).Id;
  }

  async run(name: string, body: object = {}): Promise<string> {
    const id = await this.create(name, body);
    await this.ok("POST", `/containers/${id}/start`);
    // from then on it minds a signal
    if (!("Cmd" in body)) await poll("it has begun", async () => (await this.logs(id)).includes("begin"));
    return id;
  }

  async inspect(name: string): Promise<Inspected> {
    return (await this.ok("GET", `/containers/${name}/json`)).json() as Inspected;
  }

  async exists(name: string): Promise<boolean> {
    return (await this.daemon.call("GET", `/containers/${name}/json`)).status === 200;
  }

  async status(name: string): Promise<string> {
    return (await this.inspect(name)).State.Status;
  }

  async logs(name: string): Promise<string> {
    const { text } = await this.ok("GET", `/containers/${name}/logs?stdout=1&stderr=1`);
    return unframed(text);
  }

  async exec(name: string, Cmd: string[]): Promise<string> {
    const made = (await this.ok("POST", `/containers/${name}/exec`, { Cmd, AttachStdout: true, AttachStderr: true })).json() as { Id: string };
    return unframed((await this.ok("POST", `/exec/${made.Id}/start`, { Detach: false, Tty: false })).text);
  }

  async actions(name: string): Promise<string[]> {
    const { Id: id } = await this.inspect(name);
    const filters = encodeURIComponent(JSON.stringify({ type: ["container"], container: [id] }));
    const { text } = await this.ok("GET", `/events?since=1&until=${Math.ceil(Date.now() / 1000) + 1}&filters=${filters}`);
    return text.split("\n").flatMap((line) => (line === "" ? [] : [(JSON.parse(line) as { Action: string }).Action]));
  }

  async leavesNothing(): Promise<void> {
    const all = (await this.ok("GET", "/containers/json?all=1")).json() as { Id: string }[];
    for (const { Id } of all) await this.ok("DELETE", `/containers/${Id}?force=1&v=1`);
    await this.ok("POST", "/networks/prune");
    const images = (await this.ok("GET", "/images/json?all=1")).json() as { Id: string; RepoTags: string[] }[];
    for (const { Id, RepoTags } of images) if (!RepoTags.includes(IMAGE)) await this.ok("DELETE", `/images/${Id}?force=1`);
    let now = this.traces();
    await poll("everything goes", () => JSON.stringify((now = this.traces())) === JSON.stringify(this.baseline), 5_000).catch(() => {
      const wrong = differences(this.baseline, now);
      throw new Error(`left behind: ${JSON.stringify(wrong)}`);
    });
    const { Volumes } = (await this.ok("GET", "/volumes")).json() as { Volumes: unknown[] };
    if (Volumes.length > 0) throw new Error(`volumes are left: ${JSON.stringify(Volumes)}`);
  }

  /** One shim may be kept for the next container. */
  private traces(): Omit<MachineTraces, "shims"> {
    const { shims, entries: { shims: directories = 0, ...entries }, ...rest } = machineTraces(this.daemon);
    return { ...rest, entries: { ...entries, tooManyShims: Math.max(0, shims - 1, directories - 1) } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.armed, { force: true });
    await this.daemon.remove();
    removeCgroupParent(this.daemon);
  }
}

function differences(before: object, after: object): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(after)) {
    const old = (before as Record<string, unknown>)[key];
    if (typeof value === "object" && value !== null) Object.assign(found, differences(old as object, value as object));
    else if (old !== value) found[key] = [old, value];
  }
  return found;
}

/** Without the headers of multiplexed streams. */
export function unframed(text: string): string {
  // headers are not text: three zero bytes and a big-endian length after the stream's number
  return text.replace(/[\u0001\u0002]\0\0\0[\s\S]{4}/g, "");
}
