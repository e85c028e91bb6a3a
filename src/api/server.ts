// The daemon's HTTP server: one router behind any number of unix sockets and loopback ports.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Log } from "../base/log.ts";
import type { Actor } from "../engine/actor.ts";
import type { Engine } from "../engine/engine.ts";
import { answerUpgrade } from "./hijack.ts";
import { listen } from "./listen.ts";
import { allRoutes } from "./routes/all.ts";
import { createRouter, type RawRequest, type Router } from "./router.ts";
import type { Upgrade } from "./socket-ends.ts";
import { mayBecomeStreams, takeConnection } from "./take-connection.ts";
import { writeReply } from "./write-reply.ts";

export interface ApiServer {
  /** Where it listens, as given. */
  readonly hosts: readonly string[];
  /** No new requests; open connections are cut. */
  close(): Promise<void>;
}

export interface ApiServerOptions {
  /** unix:///PATH or tcp://127.0.0.1:PORT */
  hosts: readonly string[];
  /** Owner group of the unix sockets, if the system has it. */
  group: string;
}

export async function openApiServer(engine: Engine, options: ApiServerOptions): Promise<ApiServer> {
  const log = engine.log.child("api");
  const router = createRouter(allRoutes);
  const servers: { server: Server; release: () => void }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map(({ server, release }) => closeServer(server).finally(release)));
  };
  try {
    for (const host of options.hosts) {
      const server = makeServer(router, engine, log);
      servers.push({ server, release: await listen(server, host, options.group) });
      log.info("listening", { host });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { hosts: options.hosts, close };
}

function makeServer(router: Router, engine: Engine, log: Log): Server {
  // uploads and followed logs take as long as they take
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, noDelay: true });
  server.timeout = 0;
  server.on("request", (request, response) => {
    if (mayBecomeStreams(request)) void serveUpgrade(router, engine, log, takeConnection(request, response));
    else void serve(router, engine, log, request, response);
  });
  server.on("upgrade", (request, socket, head) => void serveUpgrade(router, engine, log, { request, socket, head }));
  server.on("clientError", (error, socket) => {
    log.debug("unreadable request", { error: error.message });
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request");
    else socket.destroy();
  });
  return server;
}

async function serve(router: Router, engine: Engine, log: Log, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  response.on("error", (error) => log.debug("response broke", { error: error.message }));
  const what = `${request.method} ${request.url}`;
  try {
    const reply = await router.dispatch(engine, rawRequest(request, gone.signal));
    await writeReply(response, reply, { log, what });
  } catch (error) {
    log.error("cannot answer a request", { what, error });
    response.destroy();
  }
}

async function serveUpgrade(router: Router, engine: Engine, log: Log, { request, socket, head }: Upgrade): Promise<void> {
  const gone = new AbortController();
  socket.once("close", () => gone.abort());
  socket.on("error", (error) => log.debug("connection broke", { error: error.message }));
  const what = `${request.method} ${request.url}`;
  try {
    const reply = await router.dispatch(engine, rawRequest(request, gone.signal));
    await answerUpgrade({ request, socket, head }, reply, { log, what });
  } catch (error) {
    log.error("cannot answer an upgrade", { what, error });
    socket.destroy();
  }
}

function rawRequest(request: IncomingMessage, signal: AbortSignal): RawRequest {
  return {
    method: request.method ?? "GET",
    url: request.url ?? "/",
    headers: request.headers as RawRequest["headers"],
    body: request,
    actor: actorOf(request.headers),
    signal,
  };
}

/** What the client says of itself: whoever reaches the socket is root here anyway. */
function actorOf({ "user-agent": client, "berth-user": user }: IncomingMessage["headers"]): Actor {
  return { ...(client === undefined ? {} : { client }), ...(typeof user === "string" && /^[\w.@-]{1,64}$/.test(user) ? { user } : {}) };
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
