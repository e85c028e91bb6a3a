// A reply onto an HTTP response: headers, backpressure, errors before and after the first byte.
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Log } from "../base/log.ts";
import { API_VERSION, BERTH_VERSION } from "../config.ts";
import { errorProgress, writeProgress } from "../wire/progress.ts";
import { problemBody, problemReply } from "./problem.ts";
import type { Reply } from "./reply.ts";

export const COMMON_HEADERS = {
  "Api-Version": API_VERSION,
  "Docker-Experimental": "false",
  Ostype: "linux",
  Server: `Berth/${BERTH_VERSION} (linux)`,
} as const;

export interface ReplyContext {
  log: Log;
  /** Method and path, for the log. */
  what: string;
}

/** Resolves when all is written or the client has gone; never rejects. */
export async function writeReply(response: ServerResponse, reply: Reply, context: ReplyContext): Promise<void> {
  switch (reply.kind) {
    case "json":
      return writeWhole(response, reply.status, "application/json", `${JSON.stringify(reply.body)}\n`, reply.headers);
    case "text":
      return writeWhole(response, reply.status, "text/plain; charset=utf-8", reply.body, reply.headers);
    case "empty":
      response.writeHead(reply.status, { ...COMMON_HEADERS, ...(reply.status === 200 ? { "Content-Length": 0 } : {}), ...reply.headers });
      response.end();
      return;
    case "late":
      return writeLate(response, reply, context);
    case "stream":
      return writeStream(response, reply, context);
    case "progress":
      return writeProgressReply(response, reply, context);
    case "hijack":
      reply.session.close();
      throw new Error("connections of this route are not taken");
    case "websocket":
      return writeReply(response, { kind: "json", status: 400, body: { message: "bad request: not a websocket handshake" } }, context);
  }
}

function writeWhole(response: ServerResponse, status: number, contentType: string, text: string, headers: Readonly<Record<string, string>> = {}): void {
  const bytes = Buffer.from(text);
  response.writeHead(status, { ...COMMON_HEADERS, "Content-Type": contentType, "Content-Length": bytes.length, ...headers });
  response.end(bytes);
}

async function writeLate(response: ServerResponse, reply: Reply & { kind: "late" }, context: ReplyContext): Promise<void> {
  response.writeHead(reply.status, { ...COMMON_HEADERS, "Content-Type": "application/json", ...reply.headers });
  response.flushHeaders();
  let body: unknown;
  try {
    body = await reply.body;
  } catch (error) {
    if (!response.destroyed) body = problemBody(error, context.log, context.what);
  }
  response.end(`${JSON.stringify(body ?? {})}\n`);
}

async function writeStream(response: ServerResponse, reply: Reply & { kind: "stream" }, context: ReplyContext): Promise<void> {
  const head = (): void => void response.writeHead(reply.status, { ...COMMON_HEADERS, "Content-Type": reply.contentType, ...reply.headers });
  if (reply.eager === true) {
    head();
    response.flushHeaders();
  }
  try {
    for await (const piece of reply.pieces) {
      if (!response.headersSent) head();
      if (!(await writePiece(response, piece))) return;
    }
    if (!response.headersSent) head();
    response.end();
  } catch (error) {
    if (!response.headersSent) return writeReply(response, problemReply(error, context.log, context.what), context);
    // too late for a status: cut the connection, so that nobody takes a part for the whole
    if (!response.destroyed) context.log.warn("a stream broke off", { what: context.what, error });
    response.destroy();
  }
}

/** False when the client has gone. */
export async function writePiece(response: ServerResponse, piece: Uint8Array | string): Promise<boolean> {
  if (response.destroyed) return false;
  if (response.write(piece)) return true;
  const gone = new AbortController();
  try {
    await Promise.race([once(response, "drain", { signal: gone.signal }), once(response, "close", { signal: gone.signal })]);
  } finally {
    gone.abort();
  }
  return !response.destroyed;
}

async function writeProgressReply(response: ServerResponse, { run, errorsInBand = false }: Reply & { kind: "progress" }, context: ReplyContext): Promise<void> {
  const write = (message: Parameters<typeof writeProgress>[0]): void => {
    if (response.destroyed) return;
    if (!response.headersSent) response.writeHead(200, { ...COMMON_HEADERS, "Content-Type": "application/json" });
    response.write(writeProgress(message));
  };
  try {
    await run(write);
    if (!response.headersSent) response.writeHead(200, { ...COMMON_HEADERS, "Content-Type": "application/json", "Content-Length": 0 });
  } catch (error) {
    if (response.destroyed) return;
    if (!response.headersSent && !errorsInBand) return writeReply(response, problemReply(error, context.log, context.what), context);
    write(errorProgress(String(problemBody(error, context.log, context.what)["message"])));
  }
  response.end();
}
