// One HTTP request over node:http(s): connections kept for the next one, proxies, deadlines for every phase.
// Knows nothing of registries, authentication or redirects.
import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { PeerCertificate, SecureContextOptions } from "node:tls";
import { EngineError, cancelled } from "../base/errors.ts";
import { lookAtCertificate } from "./certificate-look.ts";
import { identityProblem, refusalText } from "./certificate-text.ts";
import { failure } from "./failure.ts";
import { bareHost, connectionText, endsOf, isCertificateRefusal, WRONG_NAME } from "./connection-text.ts";
import { proxyAuthorization, proxyFor, type Environment } from "./proxy.ts";
import { openReply, type Reply } from "./reply.ts";
import type { Timeouts } from "./timeouts.ts";
import { openTunnel } from "./tunnel.ts";

/** What a server's certificate is checked against, and what we show it. */
export interface Trust extends Pick<SecureContextOptions, "ca" | "cert" | "key"> {
  /** False: any certificate will do. */
  verify: boolean;
  /** Equal for equal content. */
  id: string;
}

export interface Request {
  method: string;
  url: URL;
  headers?: Record<string, string>;
  /** With the length where it is known; else it goes in chunks. */
  body?: { open: () => AsyncIterable<Uint8Array>; sizeBytes?: number; onSent?: (bytes: number) => void };
  trust: Trust;
  signal?: AbortSignal;
  /** Instead of the usual time to wait for the response's head. */
  headersMs?: number;
}

export interface Transport {
  /** Any status is a reply; what prevents one is `unavailable` (detail `retry` true where trying again may help), in Docker's words without method and address. */
  send(request: Request): Promise<Reply>;
  close(): void;
}

export function openTransport(timeouts: Timeouts, environment: Environment): Transport {
  // connections may only be shared by requests that trust the same
  const agents = new Map<string, { http: http.Agent; https: https.Agent }>();
  const agentsOf = (trust: Trust) => {
    let pair = agents.get(trust.id);
    if (pair === undefined) {
      const options = { keepAlive: true, keepAliveMsecs: 5_000, maxSockets: 64, maxFreeSockets: 4 };
      pair = { http: new http.Agent(options), https: new https.Agent({ ...options, ...tlsOptions(trust) }) };
      agents.set(trust.id, pair);
    }
    return pair;
  };
  return {
    async send(request) {
      request.signal?.throwIfAborted();
      const proxy = proxyFor(request.url, environment);
      for (;;) {
        try {
          const options = await connectOptions(request, proxy, agentsOf, timeouts);
          return await exchange(request, options, timeouts);
        } catch (error) {
          if (error instanceof EngineError || request.signal?.aborted === true) throw error;
          // a kept connection that the server was about to close: each such is gone after its try
          if (request.body === undefined && (error as Broken).isReused === true && mayRetry(error)) continue;
          throw failure(await failureText(error, request, proxy, timeouts), { retry: mayRetry(error) }, error);
        }
      }
    },
    close() {
      for (const pair of agents.values()) {
        pair.http.destroy();
        pair.https.destroy();
      }
      agents.clear();
    },
  };
}

function tlsOptions(trust: Trust): SecureContextOptions & { rejectUnauthorized: boolean; checkServerIdentity: typeof checkIdentity } {
  const { verify, id: _, ...rest } = trust;
  return { ...rest, rejectUnauthorized: verify, minVersion: "TLSv1.2", checkServerIdentity: checkIdentity };
}

function checkIdentity(host: string, certificate: PeerCertificate): Error | undefined {
  const problem = identityProblem(host, certificate);
  return problem === undefined ? undefined : Object.assign(new Error(problem), { code: WRONG_NAME });
}

async function failureText(error: unknown, { url, signal }: Request, proxy: URL | undefined, { connectMs }: Timeouts): Promise<string> {
  if (!isCertificateRefusal(error)) return connectionText(error, (error as Broken).ends);
  const certificate = await lookAtCertificate(url, proxy, { connectMs, ...(signal === undefined ? {} : { signal }) });
  return `tls: failed to verify certificate: ${refusalText(bareHost(url), certificate, new Date())}`;
}

/** What is noted with an error of a connection. */
interface Broken {
  ends?: string | undefined;
  isReused?: boolean;
}

type Agents = (trust: Trust) => { http: http.Agent; https: https.Agent };

async function connectOptions(request: Request, proxy: URL | undefined, agentsOf: Agents, timeouts: Timeouts): Promise<https.RequestOptions> {
  const { url, trust } = request;
  const host = bareHost(url);
  const secure = url.protocol === "https:";
  const headers: Record<string, string> = { host: url.host, ...request.headers };
  const options: https.RequestOptions = { method: request.method, headers, path: url.pathname + url.search, host, port: url.port || (secure ? 443 : 80) };
  if (secure) Object.assign(options, tlsOptions(trust));
  if (proxy === undefined) {
    options.agent = secure ? agentsOf(trust).https : agentsOf(trust).http;
    return options;
  }
  if (secure) {
    const socket = await openTunnel(proxy, url, { tls: tlsOptions(trust), connectMs: timeouts.connectMs, ...(request.signal === undefined ? {} : { signal: request.signal }) });
    // without an agent, the connection is used once
    return { ...options, createConnection: () => socket as Duplex };
  }
  headers["proxy-connection"] = "keep-alive";
  const authorization = proxyAuthorization(proxy);
  if (authorization !== undefined) headers["proxy-authorization"] = authorization;
  return { ...options, agent: agentsOf(trust).http, host: bareHost(proxy), port: proxy.port || 80, path: url.href };
}

function exchange(request: Request, options: https.RequestOptions, timeouts: Timeouts): Promise<Reply> {
  const { signal, url, body } = request;
  return new Promise((resolve, reject) => {
    const send = (url.protocol === "https:" ? https : http).request;
    if (body?.sizeBytes !== undefined) (options.headers as Record<string, string>)["content-length"] = String(body.sizeBytes);
    else if (body === undefined && (request.method === "POST" || request.method === "PUT")) (options.headers as Record<string, string>)["content-length"] = "0";
    const outgoing = send(options);
    let settled = false;
    let ends: string | undefined;
    let timer: NodeJS.Timeout | undefined;
    const wait = (ms: number, text: string): void => {
      clearTimeout(timer);
      timer = setTimeout(() => fail(failure(text, { retry: true })), ms);
    };
    const abort = (): void => fail(signal?.reason ?? cancelled("context canceled"));
    const settle = (finish: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      finish();
    };
    const fail = (error: unknown): void => {
      settle(() => reject(error instanceof EngineError ? error : Object.assign(error as Error, { ends, isReused: outgoing.reusedSocket } satisfies Broken)));
      signal?.removeEventListener("abort", abort);
      outgoing.destroy();
    };
    signal?.addEventListener("abort", abort, { once: true });
    outgoing.on("error", fail);
    outgoing.on("response", (message) => {
      message.once("close", () => {
        signal?.removeEventListener("abort", abort);
        // answered before the body was whole: nothing more can be said on this connection
        if (!outgoing.writableEnded) outgoing.destroy();
      });
      settle(() => resolve(openReply(message, url, request.method, timeouts.stallMs, signal)));
    });
    wait(timeouts.connectMs, `dial tcp: i/o timeout`);
    outgoing.on("socket", (socket) => {
      whenConnected(socket, false, () => (ends = endsOf(socket)));
      whenConnected(socket, url.protocol === "https:", () => {
        if (!settled) wait(request.headersMs ?? timeouts.headersMs, "context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
      });
    });
    if (body === undefined) outgoing.end();
    else void sendBody(outgoing, body, () => settled, wait, request.headersMs ?? timeouts.headersMs, timeouts.stallMs).catch(fail);
  });
}

function whenConnected(socket: Socket, secure: boolean, then: () => void): void {
  if (!socket.connecting && (socket as Socket & { secureConnecting?: boolean }).secureConnecting !== true) then();
  else socket.once(secure ? "secureConnect" : "connect", then);
}

/** Stops when the answer comes before the end: the server has heard enough. */
async function sendBody(
  outgoing: http.ClientRequest,
  body: NonNullable<Request["body"]>,
  answered: () => boolean,
  wait: (ms: number, text: string) => void,
  headersMs: number,
  stallMs: number,
): Promise<void> {
  for await (const bytes of body.open()) {
    if (answered() || outgoing.destroyed) return;
    if (!outgoing.write(bytes)) {
      wait(stallMs, `no data accepted for ${Math.round(stallMs / 1000)} seconds`);
      await drained(outgoing);
    }
    body.onSent?.(bytes.length);
    // making the next bytes may take as long as it likes
    wait(2 ** 31 - 1, "unreachable");
  }
  if (answered()) return;
  wait(headersMs, "context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
  outgoing.end();
}

function drained(outgoing: http.ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of ["drain", "close", "error", "response"]) outgoing.off(event, done);
      resolve();
    };
    for (const event of ["drain", "close", "error", "response"]) outgoing.once(event, done);
  });
}

/** Names that do not exist and certificates that are not trusted are so the next time as well. */
function mayRetry(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? "";
  return code === "ECONNRESET" || code === "EPIPE" || code === "ETIMEDOUT" || code === "EAI_AGAIN" || code === "ERR_SOCKET_CLOSED" || (error as Error).message === "socket hang up";
}
