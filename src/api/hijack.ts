// Requests with an Upgrade header: the socket becomes the process's streams, or a websocket; all else is answered as ever.
import { ServerResponse } from "node:http";
import type { Log } from "../base/log.ts";
import type { StreamSession } from "../engine/container/stream-session.ts";
import type { Reply } from "./reply.ts";
import { runSession } from "./run-session.ts";
import { endSocket, socketInput, type Upgrade, writeSocket } from "./socket-ends.ts";
import { serveWebsocket } from "./websocket.ts";
import { type ReplyContext, writeReply } from "./write-reply.ts";

export async function answerUpgrade(upgrade: Upgrade, reply: Reply, context: ReplyContext): Promise<void> {
  if (reply.kind === "hijack") return hijack(upgrade, reply.session, reply.contentType, context.log);
  if (reply.kind === "websocket" && (await serveWebsocket(upgrade, reply.session, context.log))) return;
  const response = new ServerResponse(upgrade.request);
  response.assignSocket(upgrade.socket as Parameters<ServerResponse["assignSocket"]>[0]);
  response.shouldKeepAlive = false;
  response.once("finish", () => upgrade.socket.end());
  upgrade.socket.once("close", () => response.destroy());
  await writeReply(response, reply, context);
}

async function hijack({ request, socket, head }: Upgrade, session: StreamSession, contentType: string, log: Log): Promise<void> {
  const protocol = String(request.headers.upgrade ?? "tcp").replaceAll(/[^\w.\-/]/g, "");
  socket.write(`HTTP/1.1 101 UPGRADED\r\nContent-Type: ${contentType}\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`);
  await runSession(
    session,
    {
      write: (bytes) => writeSocket(socket, bytes),
      input: socketInput(socket, head),
      closed: new Promise((resolve) => socket.once("close", () => resolve())),
      end: () => endSocket(socket),
    },
    log,
  );
}
