// Docker hijacks whether or not the client asked for an upgrade: what follows such a request is the process's stdin. Node's server
// gives connections away for upgrades only and takes all else for the next request. This does for a plain request, while it is being
// dispatched, what Bun's own server does for an upgrade; the one file that knows Bun's insides. Tested by test/contract/streams.test.ts.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Upgrade } from "./socket-ends.ts";

/** Of requests whose connection may become a process's streams. */
export function mayBecomeStreams({ method, url = "" }: IncomingMessage): boolean {
  return method === "POST" && /^(?:\/v[\d.]+)?\/(?:containers\/[^?]+\/attach|exec\/[^?]+\/start)\/?(?:\?|$)/.test(url);
}

interface NativeHandle {
  upgradeToTunnel(hasBody: boolean, response: object): void;
  response: object;
}

/** Call it in the `request` event itself: later bytes may have been taken for a request. */
export function takeConnection(request: IncomingMessage, response: ServerResponse): Upgrade {
  const socket = request.socket as Socket & Record<symbol, unknown>;
  const handle = socket[internal(socket, "handle")] as NativeHandle;
  const native = handle.response;
  response.detachSocket(socket);
  // "has a body" even if it has none: bytes that came together with the head are kept that way
  handle.upgradeToTunnel(true, native);
  socket[internal(socket, "kHandoffResponse")] = native;
  (socket[internal(socket, "kEnableStreaming")] as (on: boolean) => void).call(socket, true);
  if (hasBody(request)) {
    const incoming = internal(socket, "kUpgradeIncoming");
    socket[incoming] = request;
    request.once("end", () => (socket[incoming] = undefined));
  }
  socket.once("close", () => response.destroy());
  return { request, socket, head: new Uint8Array(0) };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function internal(object: object, name: string): symbol {
  for (let owner: object | null = object; owner !== null; owner = Object.getPrototypeOf(owner) as object | null) {
    const found = Object.getOwnPropertySymbols(owner).find(({ description }) => description === name);
    if (found !== undefined) return found;
  }
  throw new Error(`this version of Bun has no ${name} in its HTTP server's sockets`);
}
