// Connections that were taken out of HTTP: they become the process's streams, or a websocket; all else is answered as ever.
import { type IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Log } from "../base/log.ts";
import type { Reply } from "./reply.ts";
import { runSession } from "./run-session.ts";
import { endSocket, socketInput, type Upgrade, writeSocket } from "./socket-ends.ts";
import { serveWebsocket } from "./websocket.ts";
import { COMMON_HEADERS, type ReplyContext, writeReply } from "./write-reply.ts";

export async function answerUpgrade(upgrade: Upgrade, reply: Reply, context: ReplyContext): Promise<void> {
  if (reply.kind === "hijack") return hijack(upgrade, reply, context.log);
  if (reply.kind === "websocket" && (await serveWebsocket(upgrade, reply.session, context.log))) return;
  const response = new ServerResponse(upgrade.request);
  response.assignSocket(upgrade.socket as Parameters<ServerResponse["assignSocket"]>[0]);
  response.shouldKeepAlive = false;
  response.once("finish", () => upgrade.socket.end());
  upgrade.socket.once("close", () => response.destroy());
  await writeReply(response, reply, context);
}

async function hijack({ request, socket, head }: Upgrade, { session, contentType, isBare = false }: Reply & { kind: "hijack" }, log: Log): Promise<void> {
  socket.write(`${answerHead(request.headers.upgrade !== undefined, contentType)}${isBare ? "" : headerLines(COMMON_HEADERS)}\r\n`);
  await runSession(
    session,
    {
      write: (bytes) => writeSocket(socket, bytes),
      input: input(request, socket, head),
      closed: new Promise((resolve) => socket.once("close", () => resolve())),
      end: () => endSocket(socket),
    },
    log,
  );
}

/** Who does not ask for an upgrade is told "raw" even of frames, as by Docker. */
function answerHead(isUpgrade: boolean, contentType: string): string {
  if (isUpgrade) return `HTTP/1.1 101 UPGRADED\r\nContent-Type: ${contentType}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n`;
  return "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n";
}

function headerLines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
}

/** Some clients send stdin as a body in chunks; what comes after the body is stdin in any case. */
async function* input(request: IncomingMessage, socket: Duplex, head: Uint8Array): AsyncGenerator<Uint8Array> {
  if (request.headers["transfer-encoding"] !== undefined && !request.readableEnded) {
    try {
      for await (const bytes of request) yield bytes as Uint8Array;
    } catch {
      // the client left in the middle of it
    }
  }
  yield* socketInput(socket, head);
}
