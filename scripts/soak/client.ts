// One random client of a soak: whole little stories over its own containers, now and then a hand in somebody else's.
import { request } from "node:http";
import type { TestDaemon } from "../../test/support/daemon.ts";
import type { Random } from "../fuzz/random.ts";

export interface SoakClient {
  readonly name: string;
  readonly daemon: TestDaemon;
  readonly random: Random;
  readonly cgroupParent: string;
  /** Of the base image. */
  readonly image: string;
  readonly tally: Tally;
}

/** What all clients saw. */
export interface Tally {
  steps: Map<string, number>;
  requests: number;
  /** Answers that no client should get, by words. */
  faults: Map<string, number>;
}

export type Answer = Awaited<ReturnType<TestDaemon["call"]>>;

/** Another client may have been faster: these are answers too. */
const FINE = new Set([200, 201, 204, 304, 404, 409]);

export async function ask(client: SoakClient, method: string, path: string, body?: unknown): Promise<Answer> {
  client.tally.requests++;
  const answer = await client.daemon.call(method, path, body);
  if (!FINE.has(answer.status) && !isRace(answer)) fault(client, `${method} ${path.replace(/[0-9a-f]{12,64}/g, "ID").replace(/\?.*/, "")}: ${answer.status} ${answer.text.slice(0, 300).replace(/[0-9a-f]{12,64}/g, "ID")}`);
  return answer;
}

/** Docker answers 500 where a container ends between the look and the deed, and 403 where it begins; nothing else may. */
function isRace({ status, text }: Answer): boolean {
  if (status === 403) return text.includes("has active endpoints");
  return status === 500 && /not running|no such (container|process|exec)|already (stopped|finished)|is restarting|is not paused|cannot exec in a stopped|cannot (pause|resume|update) a|marked for removal|removal of container/i.test(text);
}

export function fault(client: SoakClient, words: string): void {
  client.tally.faults.set(words, (client.tally.faults.get(words) ?? 0) + 1);
}

/** A stream that the client leaves in the middle. */
export function listenAndLeave(client: SoakClient, method: string, path: string, ms: number, { upgrade = false } = {}): Promise<void> {
  client.tally.requests++;
  return new Promise((resolve) => {
    const outgoing = request({ socketPath: client.daemon.socket, method, path, agent: false, headers: upgrade ? { connection: "Upgrade", upgrade: "tcp", "content-length": "0" } : {} });
    const leave = (): void => {
      clearTimeout(timer);
      outgoing.destroy();
      resolve();
    };
    const timer = setTimeout(leave, ms);
    outgoing.on("upgrade", (_incoming, socket) => {
      socket.on("data", () => undefined);
      socket.on("error", () => undefined);
      socket.on("close", leave);
    });
    outgoing.on("response", (incoming) => {
      incoming.on("data", () => undefined);
      incoming.on("error", () => undefined);
      incoming.on("close", leave);
    });
    outgoing.on("error", leave);
    outgoing.end();
  });
}

export interface RunRequest {
  Cmd: string[];
  Tty?: boolean;
  OpenStdin?: boolean;
  Healthcheck?: object;
  Labels?: Record<string, string>;
  ExposedPorts?: Record<string, object>;
  HostConfig?: Record<string, unknown>;
}

/** Created and started; undefined where that failed. */
export async function run(client: SoakClient, { HostConfig = {}, ...config }: RunRequest): Promise<string | undefined> {
  const made = await create(client, { ...config, HostConfig });
  if (made === undefined) return undefined;
  const started = await ask(client, "POST", `/containers/${made}/start`);
  return started.status < 400 ? made : undefined;
}

export async function create(client: SoakClient, { HostConfig = {}, ...config }: RunRequest): Promise<string | undefined> {
  const answer = await ask(client, "POST", "/containers/create", { Image: client.image, ...config, HostConfig: { CgroupParent: client.cgroupParent, ...HostConfig } });
  return answer.status === 201 ? (answer.json() as { Id: string }).Id : undefined;
}

export async function remove(client: SoakClient, id: string | undefined): Promise<void> {
  if (id !== undefined) await ask(client, "DELETE", `/containers/${id}?force=1&v=1`);
}

/** What it wrote. */
export async function execute(client: SoakClient, id: string, Cmd: string[], Tty = false): Promise<string> {
  const made = await ask(client, "POST", `/containers/${id}/exec`, { Cmd, Tty, AttachStdout: true, AttachStderr: true });
  if (made.status !== 201) return "";
  const execId = (made.json() as { Id: string }).Id;
  const { text } = await ask(client, "POST", `/exec/${execId}/start`, { Detach: false, Tty });
  await ask(client, "GET", `/exec/${execId}/json`);
  return text;
}
