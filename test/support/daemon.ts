// A berth daemon of the test's own: temporary roots, a bridge and subnet nobody else has, ended without a trace.
// Runs BERTH_BIN when it is set, else the source.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, openSync, closeSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freeBridge, freeSubnet } from "./free-network.ts";
import { removeLeftovers } from "./leftovers.ts";
import { poll } from "./poll.ts";

const REPOSITORY = join(import.meta.dir, "../..");

export interface DaemonOptions {
  /** Further flags of `berth daemon`. */
  flags?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

export interface Answer {
  status: number;
  text: string;
  json(): unknown;
}

export interface TestDaemon extends AsyncDisposable {
  /** unix:///… */
  readonly host: string;
  readonly socket: string;
  /** Of this test, holds the two roots and the log; removed at the end. */
  readonly directory: string;
  readonly dataRoot: string;
  readonly execRoot: string;
  readonly bridge: string;
  /** Of the default bridge, CIDR. */
  readonly subnet: string;
  readonly pid: number;
  /** What ended it; undefined while it runs. */
  readonly endedBy: NodeJS.Signals | number | undefined;
  /** A request through the socket; a body that is not text or bytes is sent as JSON. */
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  log(): string;
  /** SIGKILL: as a crash would. */
  kill9(): Promise<void>;
  /** SIGTERM, and waits for its end. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** stop and start. */
  restart(): Promise<void>;
  /** Containers, daemon and everything they left. Also what `await using` does. */
  remove(): Promise<void>;
}

/** `berth ARGS` as this run of the tests has it. */
export function berthCommand(): string[] {
  const binary = process.env["BERTH_BIN"];
  return binary !== undefined && binary !== "" ? [binary] : [join(REPOSITORY, "node_modules/.bin/bun"), join(REPOSITORY, "src/main.ts")];
}

export async function startDaemon(options: DaemonOptions = {}): Promise<TestDaemon> {
  const daemon = new Daemon(options);
  try {
    await daemon.start();
  } catch (error) {
    const log = daemon.log();
    await daemon.remove();
    throw new Error(`the daemon did not start; its log ends:\n${log.split("\n").slice(-15).join("\n")}`, { cause: error });
  }
  return daemon;
}

/** A body that is not text or bytes is sent as JSON. */
export function callSocket(socketPath: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const bytes = body === undefined ? undefined : typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method, path, headers: bytes === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(bytes) } }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode ?? 0, text, json: () => JSON.parse(text) as unknown });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(bytes);
  });
}

class Daemon implements TestDaemon {
  readonly directory = mkdtempSync(join(tmpdir(), "berth-daemon-"));
  readonly dataRoot = join(this.directory, "data");
  readonly execRoot = join(this.directory, "run");
  readonly socket = join(this.directory, "b.sock");
  readonly host = `unix://${this.socket}`;
  readonly bridge = freeBridge();
  readonly subnet: string;
  private readonly bip: string;
  private child: ChildProcess | undefined;

  constructor(private readonly options: DaemonOptions) {
    const { subnet, at } = freeSubnet();
    this.subnet = subnet;
    this.bip = `${at(1)}/24`;
  }

  get pid(): number {
    return this.child?.pid ?? -1;
  }

  get endedBy(): NodeJS.Signals | number | undefined {
    return this.child?.signalCode ?? this.child?.exitCode ?? undefined;
  }

  async start(): Promise<void> {
    const [program = "", ...args] = [...berthCommand(), "daemon", "--data-root", this.dataRoot, "--exec-root", this.execRoot, "-H", this.host, "--bridge", this.bridge, "--bip", this.bip, ...(this.options.flags ?? [])];
    const log = openSync(join(this.directory, "log"), "a");
    const child = spawn(program, args, { stdio: ["ignore", log, log], detached: true, cwd: this.directory, env: { ...process.env, ...this.options.env } });
    closeSync(log);
    child.on("error", () => undefined);
    this.child = child;
    await poll("the daemon answers", async () => {
      if (hasEnded(child)) throw new Error("the daemon ended at once");
      return (await this.call("GET", "/_ping").catch(() => undefined))?.status === 200;
    });
  }

  call(method: string, path: string, body?: unknown): Promise<Answer> {
    return callSocket(this.socket, method, path, body);
  }

  log(): string {
    return readFileSync(join(this.directory, "log"), "utf8");
  }

  kill9(): Promise<void> {
    return this.end("SIGKILL");
  }

  stop(): Promise<void> {
    return this.end("SIGTERM");
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async remove(): Promise<void> {
    // one that was killed is asked once more: it alone knows what it made
    if (this.child?.signalCode === "SIGKILL") await this.start().catch(() => undefined);
    const ids = await this.removeObjects().catch(() => [] as string[]);
    await this.stop();
    await removeLeftovers({ directory: this.directory, dataRoot: this.dataRoot, bridge: this.bridge, containerIds: ids });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.remove();
  }

  private async removeObjects(): Promise<string[]> {
    if (this.child === undefined || hasEnded(this.child)) return [];
    const list = (await this.call("GET", "/containers/json?all=1")).json() as { Id: string }[];
    await Promise.all(list.map(({ Id }) => this.call("DELETE", `/containers/${Id}?force=1&v=1`)));
    const networks = (await this.call("GET", "/networks")).json() as { Id: string; Name: string }[];
    await Promise.all(networks.filter(({ Name }) => !["bridge", "host", "none"].includes(Name)).map(({ Id }) => this.call("DELETE", `/networks/${Id}`)));
    return list.map(({ Id }) => Id);
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    if (child === undefined || hasEnded(child)) return;
    child.kill(signal);
    await poll(`the daemon ends by ${signal}`, () => hasEnded(child)).catch(() => child.kill("SIGKILL"));
    await poll("the daemon ends", () => hasEnded(child));
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
