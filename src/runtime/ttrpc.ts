// ttrpc: requests and responses in frames over a unix socket. Source: containerd/ttrpc PROTOCOL.md.
// Frame: length (u32), stream (u32, odd for clients), type (1 request, 2 response), flags; then the message.
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { EngineError, unavailable } from "../base/errors.ts";
import { bytesOf, numberOf, readFields, textOf, writeFields } from "./proto.ts";

const HEADER = 10;
const REQUEST = 1;
const RESPONSE = 2;
const MAX_FRAME = 4 << 20;

export interface TtrpcFrame {
  stream: number;
  type: number;
  message: Buffer;
}

export function writeTtrpcFrame({ stream, type, message }: { stream: number; type: number; message: Uint8Array }): Buffer {
  const frame = Buffer.alloc(HEADER + message.length);
  frame.writeUInt32BE(message.length, 0);
  frame.writeUInt32BE(stream, 4);
  frame[8] = type;
  frame.set(message, HEADER);
  return frame;
}

/** Takes bytes as they come, gives whole frames. */
export class TtrpcFrames {
  private pending: Buffer = Buffer.alloc(0);

  push(bytes: Uint8Array): TtrpcFrame[] {
    let rest: Buffer = this.pending.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.pending, bytes]);
    const frames: TtrpcFrame[] = [];
    while (rest.length >= HEADER) {
      const length = rest.readUInt32BE(0);
      if (length > MAX_FRAME) throw new Error(`ttrpc frame of ${length} bytes`);
      if (rest.length < HEADER + length) break;
      frames.push({ stream: rest.readUInt32BE(4), type: rest[8] ?? 0, message: rest.subarray(HEADER, HEADER + length) });
      rest = rest.subarray(HEADER + length);
    }
    this.pending = rest;
    return frames;
  }
}

/** What the other side refused: gRPC's code, and its words. */
export class TtrpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

export const GRPC = { notFound: 5, alreadyExists: 6, failedPrecondition: 9, unimplemented: 12, unavailable: 14 } as const;

interface Call {
  resolve(payload: Uint8Array): void;
  reject(error: Error): void;
}

export class TtrpcClient {
  private readonly frames = new TtrpcFrames();
  private readonly calls = new Map<number, Call>();
  private nextStream = 1;
  private ended = false;
  /** Resolves when the connection is over, however. */
  readonly closed: Promise<void>;

  private constructor(private readonly socket: Socket) {
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    socket.on("data", (bytes: Buffer) => this.receive(bytes));
    socket.on("error", () => undefined);
    socket.once("close", () => this.fail());
  }

  /** `unavailable` if nobody listens there. */
  static connect(path: string): Promise<TtrpcClient> {
    return new Promise((resolve, reject) => {
      const socket = createConnection({ path });
      const failed = (error: Error): void => reject(unavailable(`cannot connect to shim: ${error.message}`, {}, error));
      socket.once("error", failed);
      socket.once("connect", () => {
        socket.off("error", failed);
        resolve(new TtrpcClient(socket));
      });
    });
  }

  /** The reply's payload. TtrpcError if refused; `unavailable` if the connection ends before. */
  call(service: string, method: string, payload: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(unavailable("the shim is gone"));
      const stream = this.nextStream;
      this.nextStream += 2;
      this.calls.set(stream, { resolve, reject });
      this.socket.write(writeTtrpcFrame({ stream, type: REQUEST, message: writeFields({ 1: service, 2: method, 3: payload }) }));
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(bytes: Uint8Array): void {
    let frames: TtrpcFrame[];
    try {
      frames = this.frames.push(bytes);
    } catch {
      this.socket.destroy();
      return;
    }
    for (const { stream, type, message } of frames) {
      const call = this.calls.get(stream);
      if (type !== RESPONSE || call === undefined) continue;
      this.calls.delete(stream);
      const response = readFields(message);
      const status = readFields(bytesOf(response, 1));
      const code = numberOf(status, 1);
      if (code === 0) call.resolve(bytesOf(response, 2));
      else call.reject(new TtrpcError(code, textOf(status, 2)));
    }
  }

  private fail(): void {
    this.ended = true;
    const calls = [...this.calls.values()];
    this.calls.clear();
    for (const call of calls) call.reject(unavailable("the shim is gone"));
  }
}

/** True for what a dead shim makes of a call. */
export function isShimGone(error: unknown): boolean {
  return error instanceof EngineError && error.kind === "unavailable";
}

export interface TtrpcServer {
  close(): Promise<void>;
}

/** Answers every request with what `handle` returns. */
export function serveTtrpc(path: string, handle: (method: string, payload: Uint8Array) => Uint8Array): Promise<TtrpcServer> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    const frames = new TtrpcFrames();
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => {
      try {
        for (const { stream, type, message } of frames.push(bytes)) {
          if (type !== REQUEST) continue;
          const request = readFields(message);
          const payload = handle(textOf(request, 2), bytesOf(request, 3));
          socket.write(writeTtrpcFrame({ stream, type: RESPONSE, message: writeFields({ 1: new Uint8Array(0), 2: payload }) }));
        }
      } catch {
        socket.destroy();
      }
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => resolve({ close: () => closeServer(server, open) }));
  });
}

/** A shim keeps its connection as long as it runs: waiting for it would be waiting for its containers. */
function closeServer(server: Server, open: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of open) socket.destroy();
  });
}
