// The two ends of a connection taken out of HTTP: reading as bytes, writing with backpressure.
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

export interface Upgrade {
  request: IncomingMessage;
  socket: Duplex;
  /** First bytes after the request. */
  head: Uint8Array;
}

/** False when the client has gone. */
export async function writeSocket(socket: Duplex, bytes: Uint8Array): Promise<boolean> {
  if (socket.destroyed || socket.writableEnded) return false;
  if (socket.write(bytes)) return true;
  const gone = new AbortController();
  try {
    await Promise.race([once(socket, "drain", { signal: gone.signal }), once(socket, "close", { signal: gone.signal })]);
  } catch {
    return false; // the socket broke
  } finally {
    gone.abort();
  }
  return !socket.destroyed;
}

export async function* socketInput(socket: Duplex, head: Uint8Array): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  // reading must not destroy the socket at its end: output may still go out
  for await (const bytes of socket.iterator({ destroyOnReturn: false })) yield bytes as Uint8Array;
}

/** All that was written goes out, then the connection is closed both ways. */
export function endSocket(socket: Duplex, last?: Uint8Array): void {
  if (socket.writableEnded) return;
  if (last !== undefined) socket.write(last);
  socket.end(() => socket.destroy());
}
