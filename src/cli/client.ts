// The daemon over its socket: requests with JSON, JSON lines, uploads and hijacked connections. Speaks the newest API
// version both sides know: it asks with ours first, and once more with the daemon's if that is older.
import { readFileSync } from "node:fs";
import { failure, daemonError } from "./failure.ts";
import type { Endpoint } from "./endpoint.ts";
import { parseJson } from "./json-text.ts";
import type { RawConnection } from "./raw-connection.ts";

export const NEWEST_API = "1.51";

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface RequestOptions {
  readonly query?: Query;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** An upload: the pieces of a body of unknown length. */
export type Upload = AsyncIterable<Uint8Array>;

export interface Client {
  readonly endpoint: Endpoint;
  /** The answer's body as JSON; undefined when there is none. Throws daemon errors. */
  json<T = unknown>(method: string, path: string, options?: RequestOptions): Promise<T>;
  /** The answer itself, its body still to be read. Throws daemon errors. */
  open(method: string, path: string, options?: RequestOptions): Promise<Response>;
  /** The answer's JSON objects as they come. */
  lines<T = unknown>(method: string, path: string, options?: RequestOptions): AsyncIterable<T>;
  /** Sends a body as it is made; resolves when the answer's head is there. */
  upload(method: string, path: string, body: Upload, options?: Omit<RequestOptions, "body">): Promise<AsyncIterable<Uint8Array>>;
  /** Turns the connection into a two-way stream (attach, exec). */
  hijack(path: string, options?: RequestOptions): Promise<RawConnection>;
  /** The version in use, asking the daemon if it is not yet known. */
  apiVersion(): Promise<string>;
  /** GET /_ping's headers. */
  ping(): Promise<Headers>;
}

export interface ClientOptions {
  readonly endpoint: Endpoint;
  readonly headers: Readonly<Record<string, string>>;
  /** DOCKER_API_VERSION: no negotiation. */
  readonly fixedVersion?: string;
}

export function openClient(options: ClientOptions): Client {
  return new SocketClient(options);
}

/** For the records of our daemon: who made or used what. Those whom /etc/passwd knows don't wait for node:os to be loaded. */
function userName(): string {
  const uid = String(process.getuid?.() ?? "");
  try {
    const line = readFileSync("/etc/passwd", "utf8").split("\n").find((entry) => entry.split(":", 3)[2] === uid);
    return line?.slice(0, line.indexOf(":")) ?? (require("node:os") as typeof import("node:os")).userInfo().username;
  } catch {
    // no such user in this system's files
    return uid;
  }
}

class SocketClient implements Client {
  readonly endpoint: Endpoint;
  readonly #headers: Readonly<Record<string, string>>;
  #version: string;
  #agreed: boolean;

  constructor({ endpoint, headers, fixedVersion }: ClientOptions) {
    this.endpoint = endpoint;
    this.#headers = { "Berth-User": userName(), ...headers };
    this.#version = fixedVersion ?? NEWEST_API;
    this.#agreed = fixedVersion !== undefined;
  }

  async json<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    const response = await this.open(method, path, options);
    const text = await response.text();
    return (text.trim() === "" ? undefined : parseJson(text)) as T;
  }

  async open(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    let response = await this.#send(method, path, options);
    if (response.status < 400) {
      this.#agreed = true;
      return response;
    }
    let failed = await readFailure(response);
    const older = this.#agreed ? undefined : /Maximum supported API version is (\d+\.\d+)/.exec(failed.message)?.[1];
    if (older !== undefined) {
      this.#version = older;
      this.#agreed = true;
      response = await this.#send(method, path, options);
      if (response.status < 400) return response;
      failed = await readFailure(response);
    }
    throw daemonError(response.status, failed.message, failed.body);
  }

  async *lines<T>(method: string, path: string, options: RequestOptions = {}): AsyncIterable<T> {
    const response = await this.open(method, path, options);
    if (response.body) yield* jsonLines<T>(response.body as unknown as AsyncIterable<Uint8Array>);
  }

  async upload(method: string, path: string, body: Upload, options: Omit<RequestOptions, "body"> = {}): Promise<AsyncIterable<Uint8Array>> {
    await this.apiVersion();
    const { openRaw } = await import("./raw-connection.ts");
    const raw = await openRaw(this.endpoint, this.#target(path, options.query), method, { ...this.#headers, ...options.headers }, body, options.signal);
    if (raw.status >= 400) throw await failureOf(raw);
    return raw.output;
  }

  async hijack(path: string, options: RequestOptions = {}): Promise<RawConnection> {
    await this.apiVersion();
    const { openRaw } = await import("./raw-connection.ts");
    const text = options.body === undefined ? "" : JSON.stringify(options.body);
    const headers = { ...this.#headers, ...options.headers, "Content-Type": options.body === undefined ? "text/plain" : "application/json", Connection: "Upgrade", Upgrade: "tcp" };
    const raw = await openRaw(this.endpoint, this.#target(path, options.query), "POST", headers, text, options.signal);
    if (raw.status >= 400) throw await failureOf(raw);
    return raw;
  }

  async apiVersion(): Promise<string> {
    if (!this.#agreed) {
      const offered = (await this.ping()).get("api-version") ?? NEWEST_API;
      if (isOlder(offered, this.#version)) this.#version = offered;
      this.#agreed = true;
    }
    return this.#version;
  }

  async ping(): Promise<Headers> {
    const response = await this.#fetch("HEAD", "/_ping", {});
    if (response.status >= 500) throw daemonError(response.status, `request returned ${response.statusText} for API route and version /_ping`, undefined);
    return response.headers;
  }

  #target(path: string, query: Query | undefined): string {
    const versioned = path.startsWith("/berth/") ? path : `/v${this.#version}${path}`;
    const base = this.endpoint.kind === "tcp" ? this.endpoint.basePath : "";
    // as Go joins paths: an empty name leaves no slash behind
    const single = versioned.includes("//") ? versioned.replace(/\/{2,}/g, "/") : versioned;
    return base + (single.length > 1 && single.endsWith("/") ? single.slice(0, -1) : single) + writeQuery(query);
  }

  #send(method: string, path: string, options: RequestOptions): Promise<Response> {
    return this.#fetch(method, this.#target(path, options.query), options);
  }

  async #fetch(method: string, target: string, options: RequestOptions): Promise<Response> {
    const headers: Record<string, string> = { ...this.#headers, ...options.headers };
    if (options.body !== undefined) headers["Content-Type"] ??= "application/json";
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    // `unix`, `tls`, `timeout` and `decompress` are Bun's additions to fetch; it starts in half the time of node:http
    const init = { method, headers, body, signal: options.signal, redirect: "manual", timeout: false, decompress: false };
    if (this.endpoint.kind === "ssh") {
      const { fetchOverSsh } = await import("./ssh.ts");
      return fetchOverSsh(this.endpoint, target, init);
    }
    try {
      return await fetch(urlOf(this.endpoint, target), { ...init, ...transportOf(this.endpoint) } as RequestInit);
    } catch (error) {
      throw options.signal?.aborted ? failure("") : connectionFailure(this.endpoint, error, method, target);
    }
  }
}

function urlOf(endpoint: Exclude<Endpoint, { kind: "ssh" }>, target: string): string {
  if (endpoint.kind === "unix") return `http://api.moby.localhost${target}`;
  return `${endpoint.tls ? "https" : "http"}://${endpoint.host}:${endpoint.port}${target}`;
}

function transportOf(endpoint: Endpoint): object {
  if (endpoint.kind === "unix") return { unix: endpoint.path };
  if (endpoint.kind === "tcp" && endpoint.tls) {
    const { ca, cert, key, skipVerify } = endpoint.tls;
    return { tls: { ca, cert, key, rejectUnauthorized: !skipVerify } };
  }
  return {};
}

export function writeQuery(query: Query = {}): string {
  const pairs: string[] = [];
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) continue;
    const values = Array.isArray(value) ? (value as readonly string[]) : [typeof value === "boolean" ? (value ? "1" : "0") : String(value)];
    for (const one of values) pairs.push(`${key}=${encodeURIComponent(one)}`);
  }
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

async function readFailure(response: Response): Promise<{ message: string; body: unknown }> {
  return parseFailure(await response.text(), response.status, response.statusText);
}

function parseFailure(text: string, status: number, statusText: string): { message: string; body: unknown } {
  try {
    const body = JSON.parse(text) as { message?: unknown };
    if (typeof body.message === "string") return { message: body.message.trim(), body };
  } catch {
    // not JSON: a proxy's page or plain text, shown as it is
  }
  return { message: text.trim() || `request returned ${statusText || status}`, body: undefined };
}

async function failureOf(raw: RawConnection): Promise<Error> {
  const pieces: Uint8Array[] = [];
  for await (const piece of raw.output) pieces.push(piece);
  const { message, body } = parseFailure(Buffer.concat(pieces).toString(), raw.status, "");
  return daemonError(raw.status, message, body);
}

export function connectionFailure(endpoint: Endpoint, error: unknown, method: string, target: string): Error {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const text = error instanceof Error ? error.message : String(error);
  if (code === "EACCES" || code === "EPERM") {
    return failure(`permission denied while trying to connect to the Docker daemon socket at ${endpoint.url}: ${method} ${JSON.stringify(target)}: dial ${endpoint.kind}: connect: permission denied`);
  }
  if (code === "ECONNRESET" || code === "ConnectionClosed") return failure(`error during connect: ${method} ${JSON.stringify(target)}: EOF`);
  if (/CERT|SSL|TLS/i.test(code)) return failure(`error during connect: ${method} ${JSON.stringify(target)}: tls: failed to verify certificate: ${text}`);
  return failure(`Cannot connect to the Docker daemon at ${endpoint.url}. Is the docker daemon running?`);
}

/** Splits a stream of bytes into JSON values, one a line or back to back. */
export async function* jsonLines<T>(source: AsyncIterable<Uint8Array>): AsyncIterable<T> {
  const decoder = new TextDecoder();
  let buffered = "";
  for await (const piece of source) {
    buffered += decoder.decode(piece, { stream: true });
    let end: number;
    while ((end = buffered.indexOf("\n")) >= 0) {
      const line = buffered.slice(0, end).trim();
      buffered = buffered.slice(end + 1);
      if (line !== "") yield parseJson(line) as T;
    }
  }
  if (buffered.trim() !== "") yield parseJson(buffered) as T;
}

/** Whether version `a` is older than `b`. */
export function isOlder(a: string, b: string): boolean {
  const [aMajor = 0, aMinor = 0] = a.split(".").map(Number);
  const [bMajor = 0, bMinor = 0] = b.split(".").map(Number);
  return aMajor < bMajor || (aMajor === bMajor && aMinor < bMinor);
}
