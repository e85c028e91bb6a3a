// Websocket end of attach (RFC 6455): handshake, frames both ways. Output goes out as binary messages, input may be either.
import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import type { Log } from "../base/log.ts";
import type { StreamSession } from "../engine/container/stream-session.ts";
import { runSession } from "./run-session.ts";
import { endSocket, socketInput, type Upgrade, writeSocket } from "./socket-ends.ts";

const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const MAX_FRAME_BYTES = 16 * 1024 * 1024;
const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** False if the request is no handshake. */
export async function serveWebsocket({ request, socket, head }: Upgrade, session: StreamSession, log: Log): Promise<boolean> {
  const key = request.headers["sec-websocket-key"];
  if (String(request.headers.upgrade).toLowerCase() !== "websocket" || typeof key !== "string") return false;
  const accept = createHash("sha1").update(key + ACCEPT_SUFFIX).digest("base64");
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  await runSession(
    session,
    {
      framed: false,
      write: (bytes) => writeSocket(socket, websocketFrame(BINARY, bytes)),
      input: messages(socket, head),
      closed: new Promise((resolve) => socket.once("close", () => resolve())),
      end: () => endSocket(socket, websocketFrame(CLOSE, new Uint8Array([0x03, 0xe8]))),
    },
    log,
  );
  return true;
}

export function websocketFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const extended = payload.length < 126 ? 0 : payload.length < 65536 ? 2 : 8;
  const bytes = new Uint8Array(2 + extended + payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x80 | opcode;
  bytes[1] = extended === 0 ? payload.length : extended === 2 ? 126 : 127;
  if (extended === 2) view.setUint16(2, payload.length);
  if (extended === 8) view.setBigUint64(2, BigInt(payload.length));
  bytes.set(payload, 2 + extended);
  return bytes;
}

async function* messages(socket: Duplex, head: Uint8Array): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array = new Uint8Array(0);
  for await (const piece of socketInput(socket, head)) {
    pending = pending.length === 0 ? piece : Buffer.concat([pending, piece]);
    for (;;) {
      const taken = takeFrame(pending);
      if (taken === undefined) break;
      pending = pending.subarray(taken.sizeBytes);
      if (taken.opcode === CLOSE) {
        if (!socket.writableEnded) socket.end(websocketFrame(CLOSE, taken.payload.subarray(0, 2)));
        return;
      }
      if (taken.opcode === PING) socket.write(websocketFrame(PONG, taken.payload));
      else if ([TEXT, BINARY, CONTINUATION].includes(taken.opcode)) yield taken.payload;
    }
  }
}

/** Undefined while the frame isn't whole yet. */
export function takeFrame(bytes: Uint8Array): { opcode: number; payload: Uint8Array; sizeBytes: number } | undefined {
  if (bytes.length < 2) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const masked = (view.getUint8(1) & 0x80) !== 0;
  const short = view.getUint8(1) & 0x7f;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  const start = 2 + extended + (masked ? 4 : 0);
  if (bytes.length < start) return undefined;
  const length = extended === 0 ? short : extended === 2 ? view.getUint16(2) : Number(view.getBigUint64(2));
  if (length > MAX_FRAME_BYTES) throw new Error(`websocket frame of ${length} bytes`);
  if (bytes.length < start + length) return undefined;
  const payload = bytes.slice(start, start + length);
  if (masked) {
    const mask = bytes.subarray(start - 4, start);
    for (let at = 0; at < payload.length; at++) payload[at] = (payload[at] as number) ^ (mask[at % 4] as number);
  }
  return { opcode: view.getUint8(0) & 0x0f, payload, sizeBytes: start + length };
}
