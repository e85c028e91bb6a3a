// One HTTP exchange on a socket of our own: for hijacked streams with half-close, and for uploads that must not be buffered.
import { connect as connectTcp, type Socket } from "node:net";
import { connectionFailure } from "./client.ts";
import type { Endpoint } from "./endpoint.ts";
import { failure } from "./failure.ts";
import { BodyDecoder } from "./http-body.ts";

export interface RawConnection {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** The answer's body, or what the other side sends after an upgrade. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Resolves when the bytes may be followed by more. */
  write(bytes: Uint8Array): Promise<void>;
  /** No more input; output goes on. */
  closeInput(): void;
  close(): void;
}

/** Sends the request and waits for the head of the answer. */
export async function openRaw(
  endpoint: Endpoint,
  target: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string | AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<RawConnection> {
  const socket = await dial(endpoint).catch((error: unknown) => {
    throw connectionFailure(endpoint, error, method, target);
  });
  signal?.addEventListener("abort", () => socket.destroy(), { once: true });
  const reader = new SocketReader(socket);
  const streamed = typeof body !== "string";
  socket.write(requestHead(target, method, { ...headers, ...(streamed ? { "Transfer-Encoding": "chunked" } : { "Content-Length": String(Buffer.byteLength(body)) }) }));
  if (!streamed) socket.write(body);
  const sending = streamed ? sendChunks(socket, body) : Promise.resolve();
  let sendFailure: unknown;
  sending.catch((error: unknown) => (sendFailure = error));
  const head = await reader.head().catch((error: unknown) => {
    throw sendFailure ?? error;
  });
  return { ...head, output: bodyOf(head, reader, sending), write: (bytes) => writeAll(socket, bytes), closeInput: () => void socket.end(), close: () => void socket.destroy() };
}

interface Head {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

async function* bodyOf(head: Head, reader: SocketReader, sending: Promise<void>): AsyncIterable<Uint8Array> {
  const decoder = new BodyDecoder(head.status, head.headers);
  if (!decoder.done) {
    for await (const piece of reader) {
      yield* decoder.push(piece);
      if (decoder.done) break;
    }
  }
  // an answer may come before the whole body was wanted: only a good one says that all arrived
  if (head.status < 400 && head.status !== 101) await sending;
}

async function dial(endpoint: Endpoint): Promise<Socket> {
  if (endpoint.kind === "ssh") return (await import("./ssh.ts")).dialOverSsh(endpoint);
  if (endpoint.kind === "tcp" && endpoint.tls) {
    const { connect } = await import("node:tls");
    const { ca, cert, key, skipVerify } = endpoint.tls;
    const socket = connect({ host: endpoint.host, port: endpoint.port, ca: toBuffer(ca), cert: toBuffer(cert), key: toBuffer(key), rejectUnauthorized: !skipVerify });
    return opened(socket, "secureConnect");
  }
  const address = endpoint.kind === "unix" ? { path: endpoint.path } : { host: endpoint.host.replace(/^\[|\]$/g, ""), port: endpoint.port };
  return opened(connectTcp({ ...address, allowHalfOpen: true }), "connect");
}

function toBuffer(data: string | Uint8Array | undefined): Buffer | undefined {
  return data === undefined ? undefined : Buffer.from(data as Uint8Array);
}

function opened(socket: Socket, event: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once(event, () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

function requestHead(target: string, method: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ Host: "api.moby.localhost", ...headers }).map(([name, value]) => `${name}: ${value}`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}

async function sendChunks(socket: Socket, body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of body) {
    if (piece.length === 0) continue;
    socket.write(`${piece.length.toString(16)}\r\n`);
    socket.write(piece);
    await writeAll(socket, CRLF);
  }
  socket.write("0\r\n\r\n");
}

const CRLF = new Uint8Array([13, 10]);

function writeAll(socket: Socket, bytes: Uint8Array): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    if (socket.write(bytes)) {
      resolve();
      return;
    }
    const go = () => {
      socket.off("drain", go);
      socket.off("close", go);
      resolve();
    };
    socket.on("drain", go);
    socket.on("close", go);
  });
}

/** The socket's bytes with the head taken off. */
class SocketReader implements AsyncIterable<Uint8Array> {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #socket: Socket;
  #left: Uint8Array | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#source = (socket as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  }

  async head(): Promise<Head> {
    let seen = Buffer.alloc(0);
    for (;;) {
      const { value, done } = await this.#source.next();
      if (done) throw failure("error during connect: EOF");
      seen = Buffer.concat([seen, value as Uint8Array]);
      const end = seen.indexOf("\r\n\r\n");
      if (end < 0) continue;
      const head = parseHead(seen.subarray(0, end).toString("latin1"));
      this.#left = seen.subarray(end + 4);
      if (head.status !== 100) return head;
      seen = Buffer.from(this.#left);
      this.#left = undefined;
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    if (this.#left && this.#left.length > 0) yield this.#left;
    try {
      for (;;) {
        const { value, done } = await this.#source.next();
        if (done) return;
        yield value as Uint8Array;
      }
    } catch (error) {
      if (!this.#socket.destroyed) throw error; // closed by us: the end
    }
  }
}

function parseHead(text: string): Head {
  const [first = "", ...lines] = text.split("\r\n");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { status: Number(first.split(" ")[1]), headers };
}
