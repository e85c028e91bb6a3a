// Sends seeded requests to an engine and judges the answers: no stack trace, no 5xx without a reason, always an answer to _ping.
import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { createRandom, type Random } from "./random.ts";
import { reasonOf } from "./reasons.ts";
import { badText } from "./values.ts";
import { type FuzzRequest, type Known, makeRequest } from "./requests.ts";

export interface FuzzOptions {
  socket: string;
  seed: number;
  count: number;
  known: Known;
  parallel?: number;
  /** Makes what the requests are about anew, and takes away what they made. */
  refresh(): Promise<void>;
  onProgress?(done: number): void;
}

export interface FuzzReport {
  sent: number;
  raw: number;
  /** How often each status came; 0: cut off by us, since the answer has no end, or by the engine without an answer. */
  statuses: Record<number, number>;
  /** What must not be. */
  faults: string[];
  /** Answers of 500, by the reason why they are right, with one of their texts. */
  reasons: Map<string, { count: number; such: string }>;
}

const NO_ANSWER_MS = 1500;
const START_MS = 30_000;
const REFRESH_EVERY = 250;
const TRACE = /\n\s+at |\$bunfs|\/src\/\w+\/|\.ts:\d+|is not a function|is not an object|Cannot read prop|undefined is not an|null is not an|SQLITE|circular|RangeError|TypeError|Maximum call stack|not iterable|Invalid regular|Invalid URL|null bytes/;

export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { socket, seed, count, known, parallel = 8 } = options;
  const random = createRandom(seed);
  const report: FuzzReport = { sent: 0, raw: 0, statuses: {}, faults: [], reasons: new Map() };
  const agent = new Agent({ keepAlive: true, maxSockets: parallel });
  for (let done = 0; done < count; done += REFRESH_EVERY) {
    await options.refresh();
    const batch = Array.from({ length: Math.min(REFRESH_EVERY, count - done) }, () => (random.chance(12) ? rawBytes(random) : makeRequest(random, known)));
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let item = batch[next++]; item !== undefined; item = batch[next++]) {
        if (typeof item === "string") await sendRaw(socket, item, report);
        else await send(socket, agent, item, report, { start: item.start === true });
      }
    };
    await Promise.all(Array.from({ length: parallel }, lane));
    if (!(await answersPing(socket))) {
      report.faults.push(`no answer to _ping after ${report.sent} requests`);
      break;
    }
    options.onProgress?.(report.sent);
  }
  await options.refresh();
  agent.destroy();
  return report;
}

/** What was made is started if `start` says so. */
async function send(socketPath: string, agent: Agent, request: FuzzRequest, report: FuzzReport, { start }: { start: boolean }): Promise<void> {
  const made = await ask(socketPath, agent, request, report, NO_ANSWER_MS);
  const id = start ? /^\{"Id":"([0-9a-f]{64})"/.exec(made)?.[1] : undefined;
  if (id !== undefined) await ask(socketPath, agent, { method: "POST", path: `/containers/${id}/start`, headers: {}, body: "" }, report, START_MS, request.body);
}

/** Resolves to the answer's text. */
function ask(socketPath: string, agent: Agent, { method, path, headers, body }: FuzzRequest, report: FuzzReport, noAnswerMs: number, about = body): Promise<string> {
  return new Promise((resolve) => {
    report.sent++;
    const finish = (status: number, text: string): void => {
      clearTimeout(timer);
      judge(report, `${method} ${path.slice(0, 300)}`, about, status, text);
      resolve(text);
    };
    let outgoing: ReturnType<typeof httpRequest>;
    const timer = setTimeout(() => outgoing.destroy(), noAnswerMs);
    try {
      outgoing = httpRequest({ socketPath, agent, method, path, headers: { ...headers, "content-length": Buffer.byteLength(body) } }, (incoming) => {
        let text = "";
        incoming.on("data", (chunk: Buffer) => (text += text.length < 100_000 ? chunk.toString() : ""));
        incoming.on("end", () => finish(incoming.statusCode ?? 0, text));
        incoming.on("error", () => finish(incoming.statusCode ?? 0, text));
      });
    } catch {
      // Node refuses to send it at all
      return finish(-1, "");
    }
    outgoing.on("error", () => finish(0, ""));
    outgoing.end(body);
  });
}

function judge(report: FuzzReport, what: string, body: string, status: number, text: string): void {
  report.statuses[status] = (report.statuses[status] ?? 0) + 1;
  const isError = status >= 400;
  if (isError && TRACE.test(text)) report.faults.push(`${status} ${what} ${body.slice(0, 400)} → ${text.slice(0, 300)}`);
  if (status < 500 || status === 501 || status === 503) return;
  const message = messageOf(text);
  const reason = reasonOf(message);
  if (reason === undefined) return void report.faults.push(`${status} ${what} ${body.slice(0, 3000)} → ${text.slice(0, 300)}`);
  const known = report.reasons.get(reason) ?? { count: 0, such: message.slice(0, 200) };
  report.reasons.set(reason, { ...known, count: known.count + 1 });
}

/** Docker's JSON, or the bare text of an attach. */
function messageOf(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message);
  } catch {
    return text.trim();
  }
}

const LINES = ["GET /_ping HTTP/1.1", "GET /_ping HTTP/9.9", "GET", "", "GET /_ping", "POST /containers/create HTTP/1.1", "\0\0\0", "GET  /_ping  HTTP/1.1", "get /_ping http/1.1", "GET /../../etc HTTP/1.1", `GET /${"a".repeat(9000)} HTTP/1.1`, "GET http://x/_ping HTTP/1.1", "CONNECT x:80 HTTP/1.1", "PRI * HTTP/2.0", "OPTIONS * HTTP/1.1", "\u0016\u0003\u0001\u0002\0"] as const;
const HEADERS = ["Host: x", "Content-Length: -1", "Content-Length: 5", "Content-Length: 99999999999999999999", "Content-Length: 3\r\nContent-Length: 4", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 3", "Transfer-Encoding: gzip", "Expect: 100-continue", "Expect: x", "Connection: Upgrade\r\nUpgrade: tcp", "Connection: Upgrade\r\nUpgrade: h2c", "Connection: close", ": x", "NoColon", "A: \u0001", ` folded`, `X: ${"b".repeat(40_000)}`, "Sec-WebSocket-Key: x", "Content-Type: application/json"] as const;
const ENDS = ["", "\r\n", "{}", "5\r\nhello\r\n0\r\n\r\n", "zz\r\n", "ffffffffffffffff\r\n", "GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n", "{\"Image\":", "\0".repeat(1000)] as const;

function rawBytes(random: Random): string {
  const headers = Array.from({ length: random.below(4) }, () => random.pick(HEADERS));
  const text = `${[random.pick(LINES), ...headers].join(random.chance(10) ? "\n" : "\r\n")}\r\n\r\n${random.pick(ENDS)}`;
  return random.chance(5) ? text.slice(0, random.below(text.length)) + badText(random) : text;
}

/** The client has said all and hangs up its side; what comes back until the end is judged. */
function sendRaw(path: string, bytes: string, report: FuzzReport): Promise<void> {
  return new Promise((resolve) => {
    report.raw++;
    report.sent++;
    let text = "";
    const socket = connect({ path });
    const timer = setTimeout(() => socket.destroy(), 300);
    socket.on("data", (chunk) => (text += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(timer);
      judge(report, `raw ${JSON.stringify(bytes.slice(0, 200))}`, "", Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text.slice(text.indexOf("\r\n\r\n")));
      resolve();
    });
    socket.end(bytes, "latin1");
  });
}

function answersPing(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const outgoing = httpRequest({ socketPath, path: "/_ping", timeout: 30_000 }, (incoming) => {
      incoming.resume();
      incoming.on("end", () => resolve(incoming.statusCode === 200));
    });
    outgoing.on("timeout", () => outgoing.destroy());
    outgoing.on("error", () => resolve(false));
    outgoing.end();
  });
}
