// Shims: started, shared by several containers, kept warm, found again.
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, unavailable } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { addressOf, killShim, startShimProcess } from "../linux/shim-process.ts";
import { makeFifo, openFifoReader, type FifoReader } from "../linux/fifo.ts";
import type { FileCalls } from "../linux/file-calls.ts";
import { TaskClient } from "./task-client.ts";

export const NAMESPACE = "berth";

/** Plain JSON: finds the shim again. */
export interface ShimRef {
  socket: string;
  directory: string;
  pid: number;
}

export interface Shim extends ShimRef {
  readonly client: TaskClient;
  /** Ids of containers that are, or are being, made in it. */
  readonly containers: Set<string>;
}

export interface ShimOptions {
  runRoot: string;
  shimPath: string;
  eventsSocket: string;
  containersPerShim: number;
  calls: FileCalls;
  log: Log;
  onGone(shim: Shim): void;
}

/** An empty shim is kept so long for the next container. */
const WARM_MS = 10_000;
const END_MS = 2000;

export class ShimPool {
  private readonly shims = new Map<string, Shim>();
  private readonly logs = new Map<string, FifoReader>();
  private spare: Promise<Shim | undefined> | undefined;
  private closed = false;
  private readonly timers = new Map<Shim, NodeJS.Timeout>();

  constructor(private readonly options: ShimOptions) {}

  /** A shim with room; the container counts as in it. */
  async take(containerId: string): Promise<Shim> {
    let shim = [...this.shims.values()].find((each) => this.hasRoom(each));
    shim ??= (await this.spare) ?? (await this.start());
    // somebody else who waited for the spare one may have filled it
    if (!this.hasRoom(shim)) shim = await this.start();
    clearTimeout(this.timers.get(shim));
    this.timers.delete(shim);
    shim.containers.add(containerId);
    this.prepareSpare();
    return shim;
  }

  /** The container is gone from it. */
  giveBack(shim: Shim, containerId: string): void {
    shim.containers.delete(containerId);
    if (shim.containers.size > 0 || !this.shims.has(shim.socket)) return;
    if (this.closed || this.othersOf(shim).some((each) => this.hasRoom(each))) return void this.end(shim);
    this.keepWarm(shim);
  }

  /** Finds the shim of an earlier daemon again. `unavailable` if it is gone. */
  async find(ref: ShimRef, containerId: string): Promise<Shim> {
    const known = this.shims.get(ref.socket);
    if (known !== undefined) {
      known.containers.add(containerId);
      return known;
    }
    const client = await TaskClient.connect(ref.socket);
    // two containers of one shim may be looked for at once
    const raced = this.shims.get(ref.socket);
    if (raced !== undefined) {
      client.close();
      raced.containers.add(containerId);
      return raced;
    }
    const shim = this.add(ref, client);
    shim.containers.add(containerId);
    return shim;
  }

  /** Ends those of an earlier daemon whose directories are not among these. */
  async endOthers(directories: ReadonlySet<string>): Promise<void> {
    const ours = new Set([...this.shims.values()].map(({ directory }) => directory));
    const all = join(this.options.runRoot, "shims");
    for (const id of entries(all)) {
      const directory = join(all, id);
      if (directories.has(directory) || ours.has(directory)) continue;
      const socket = addressIn(directory);
      const client = socket === undefined ? undefined : await TaskClient.connect(socket).catch(() => undefined);
      if (client !== undefined) await ended(client);
      // one that did not come so far, or that has containers which nobody knows
      killShim(id);
      if (socket !== undefined) rmSync(socket, { force: true });
      rmSync(directory, { recursive: true, force: true });
    }
  }

  /** Ends empty shims; the others go on. */
  async close(): Promise<void> {
    this.closed = true;
    await this.spare;
    for (const timer of this.timers.values()) clearTimeout(timer);
    await Promise.all([...this.shims.values()].map((shim) => (shim.containers.size === 0 ? this.end(shim) : shim.client.close())));
    for (const reader of this.logs.values()) reader.close();
  }

  private hasRoom(shim: Shim): boolean {
    return shim.containers.size < this.options.containersPerShim && this.shims.has(shim.socket);
  }

  private othersOf(shim: Shim): Shim[] {
    return [...this.shims.values()].filter((each) => each !== shim);
  }

  /** For an empty shim: it ends after a while, unless the next container would find all others full. */
  private keepWarm(shim: Shim): void {
    const timer = setTimeout(() => {
      const others = this.othersOf(shim);
      const isWanted = others.length > 0 && !others.some((each) => this.hasRoom(each));
      if (isWanted) this.keepWarm(shim);
      else void this.end(shim);
    }, WARM_MS);
    timer.unref();
    this.timers.set(shim, timer);
  }

  /** Starts one more when all are full. */
  private prepareSpare(): void {
    if (this.spare !== undefined || this.closed || [...this.shims.values()].some((shim) => this.hasRoom(shim))) return;
    const spare = this.start().catch((error: unknown) => {
      this.options.log.warn("cannot keep a spare shim", { error: messageOf(error) });
      return undefined;
    });
    this.spare = spare;
    void spare.then((shim) => {
      this.spare = undefined;
      if (shim !== undefined && shim.containers.size === 0) this.keepWarm(shim);
    });
  }

  private async start(): Promise<Shim> {
    const { runRoot, shimPath, eventsSocket, calls, log } = this.options;
    const id = `shim-${randomBytes(6).toString("hex")}`;
    const directory = join(runRoot, "shims", id);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    // the shim reads annotations from here to find out about its group
    writeFileSync(join(directory, "config.json"), "{}");
    makeFifo(calls, join(directory, "log"));
    const reader = openFifoReader(join(directory, "log"), 65_536);
    try {
      const socket = await startShimProcess({ shimPath, namespace: NAMESPACE, id, directory, eventsSocket });
      const client = await TaskClient.connect(socket);
      const shim = this.add({ socket, directory, pid: Number(readFileSync(join(directory, "shim.pid"), "utf8")) }, client);
      this.logs.set(socket, reader);
      void this.passOn(reader, log);
      return shim;
    } catch (error) {
      reader.close();
      rmSync(directory, { recursive: true, force: true });
      throw unavailable(`cannot start ${shimPath}: ${messageOf(error)}`, {}, error);
    }
  }

  private add(ref: ShimRef, client: TaskClient): Shim {
    const shim: Shim = { ...ref, client, containers: new Set() };
    this.shims.set(ref.socket, shim);
    void client.closed.then(() => {
      clearTimeout(this.timers.get(shim));
      this.timers.delete(shim);
      if (!this.shims.delete(ref.socket) || this.closed) return;
      this.logs.get(ref.socket)?.close();
      this.logs.delete(ref.socket);
      this.options.onGone(shim);
    });
    return shim;
  }

  private async end(shim: Shim): Promise<void> {
    this.timers.delete(shim);
    if (shim.containers.size > 0) return;
    this.shims.delete(shim.socket);
    await ended(shim.client);
    this.logs.get(shim.socket)?.close();
    this.logs.delete(shim.socket);
    rmSync(shim.socket.replace(/^unix:\/\//, ""), { force: true });
    rmSync(shim.directory, { recursive: true, force: true });
  }

  private async passOn(reader: FifoReader, log: Log): Promise<void> {
    for await (const bytes of reader.chunks()) log.debug("shim", { says: new TextDecoder().decode(bytes).trim().slice(0, 2000) });
  }
}

async function ended(client: TaskClient): Promise<void> {
  // it closes the connection instead of answering; one that hangs is not waited for
  const late = new Promise<void>((resolve) => setTimeout(resolve, END_MS).unref());
  await Promise.race([client.shutdown().catch(() => undefined), client.closed, late]);
  client.close();
}

/** As the shim itself has written it down. */
function addressIn(directory: string): string | undefined {
  try {
    return addressOf(readFileSync(join(directory, "address"), "utf8"));
  } catch {
    // it had not come so far
    return undefined;
  }
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // there has been none yet
    return [];
  }
}
