// Many short containers, several at a time, while the daemon is killed and started again now and then. Every container must
// come to its end, and afterwards everything must be as before.
import { importBase } from "../../test/contract/imported-image.ts";
import type { Answer, TestDaemon } from "../../test/support/daemon.ts";
import { cgroupParent, type MachineTraces, machineTraces } from "../../test/support/machine-traces.ts";
import { poll } from "../../test/support/poll.ts";

export interface ChurnOptions {
  containers: number;
  clients: number;
  killEvery: number;
}

export interface ChurnReport {
  seconds: number;
  kills: number;
  /** Answers that no client should get. */
  faults: string[];
  before: Counts;
  after: Counts;
}

/** Everything that is counted; shims and their directories without the one that is kept for the next container. */
export interface Counts extends MachineTraces {
  rows: { containers: number; images: number; volumes: number; networks: number };
}

const IMAGE = "churn:1";

export async function churn(daemon: TestDaemon, { containers, clients, killEvery }: ChurnOptions): Promise<ChurnReport> {
  await importBase(daemon.socket, { repo: "churn", tag: "1", changes: ["VOLUME /data"] });
  const before = await atRest(daemon);
  const state = new Churn(daemon, containers, killEvery);
  const startedMs = Date.now();
  await Promise.all(Array.from({ length: clients }, () => state.work()));
  const seconds = (Date.now() - startedMs) / 1000;
  return { seconds, kills: state.kills, faults: state.faults, before, after: await atRest(daemon) };
}

class Churn {
  kills = 0;
  readonly faults: string[] = [];
  private next = 0;
  private done = 0;
  /** While the daemon is away. */
  private away: Promise<void> | undefined;

  constructor(
    private readonly daemon: TestDaemon,
    private readonly containers: number,
    private readonly killEvery: number,
  ) {}

  async work(): Promise<void> {
    while (this.next < this.containers) {
      const number = this.next++;
      await this.live(number);
      this.done++;
      if (this.done % this.killEvery === 0 && this.done < this.containers) {
        this.kills++;
        this.away ??= this.killAndStart();
      }
      await this.away;
    }
  }

  /** One container from its creation to its removal, whatever happens to the daemon meanwhile. */
  private async live(number: number): Promise<void> {
    const name = `churn-${number}`;
    const removesItself = number % 3 === 0;
    const HostConfig = { CgroupParent: cgroupParent(this.daemon), NetworkMode: number % 2 === 0 ? "none" : "bridge", AutoRemove: removesItself };
    // 409: made already, only its answer got lost
    await this.ask("POST", `/containers/create?name=${name}`, [201, 409], { Image: IMAGE, Cmd: ["echo", name], HostConfig });
    const mayBeGone = removesItself ? [404] : [];
    await this.ask("POST", `/containers/${name}/start`, [204, 304, ...mayBeGone]);
    const ended = await this.ask("POST", `/containers/${name}/wait`, [200, ...mayBeGone]);
    if (ended.status === 200 && (ended.json() as { StatusCode: number }).StatusCode !== 0) this.faults.push(`${name} ended as ${ended.text}`);
    if (removesItself) return poll(`${name} goes by itself`, async () => (await this.ask("GET", `/containers/${name}/json`, [200, 404])).status === 404);
    const logs = await this.ask("GET", `/containers/${name}/logs?stdout=1`, [200]);
    if (!logs.text.includes(name)) this.faults.push(`${name} has lost its line: ${JSON.stringify(logs.text)}`);
    await this.ask("DELETE", `/containers/${name}?force=1&v=1`, [204, 404]);
  }

  /** Again, as long as the daemon goes away under it. */
  private async ask(method: string, path: string, expected: readonly number[], body?: unknown): Promise<Answer> {
    for (;;) {
      await this.away;
      try {
        const answer = await this.daemon.call(method, path, body);
        if (!expected.includes(answer.status)) this.faults.push(`${method} ${path}: ${answer.status} ${answer.text.trim()}`);
        return answer;
      } catch {
        // it is being killed, or starts
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  private async killAndStart(): Promise<void> {
    await this.daemon.kill9();
    await this.daemon.start();
    this.away = undefined;
  }
}

async function atRest(daemon: TestDaemon): Promise<Counts> {
  const take = async (): Promise<Counts> => {
    const lengths = async (path: string, key?: string): Promise<number> => {
      const answer = (await daemon.call("GET", path)).json() as Record<string, unknown[] | null> & unknown[];
      return (key === undefined ? answer : (answer[key] ?? [])).length;
    };
    const traces = machineTraces(daemon);
    return {
      rows: { containers: await lengths("/containers/json?all=1"), images: await lengths("/images/json?all=1"), volumes: await lengths("/volumes", "Volumes"), networks: await lengths("/networks") },
      ...traces,
      shims: Math.max(0, traces.shims - 1),
      entries: { ...traces.entries, shims: Math.max(0, (traces.entries["shims"] ?? 0) - 1) },
    };
  };
  let now = await take();
  await poll("what the daemon does behind is done", async () => (now = await take()).entries["trash"] === 0 && now.shims === 0 && now.entries["bundles"] === 0, 15_000).catch(() => undefined);
  return now;
}
