// A TLS connection through an HTTP proxy: CONNECT, then the handshake with the server behind it.
import net from "node:net";
import tls from "node:tls";
import { EngineError } from "../base/errors.ts";
import { failure } from "./failure.ts";
import { bareHost, connectionText, joinHostPort } from "./connection-text.ts";
import { proxyAuthorization } from "./proxy.ts";

const MAX_HEAD_BYTES = 16 * 1024;

export interface TunnelOptions {
  tls: tls.ConnectionOptions;
  connectMs: number;
  signal?: AbortSignal;
}

export async function openTunnel(proxy: URL, target: URL, options: TunnelOptions): Promise<tls.TLSSocket> {
  const raw = dial(proxy);
  const deadline = setTimeout(() => raw.destroy(failure("proxyconnect tcp: i/o timeout", { retry: true })), options.connectMs);
  const abort = (): void => void raw.destroy(options.signal?.reason);
  options.signal?.addEventListener("abort", abort, { once: true });
  try {
    const host = bareHost(target);
    await connectThrough(raw, proxy, joinHostPort(host, target.port || 443)).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      throw error instanceof EngineError ? error : failure(`proxyconnect tcp: ${connectionText(error)}`, { retry: false }, error);
    });
    return await secure(raw, host, options.tls);
  } catch (error) {
    raw.destroy();
    throw error;
  } finally {
    clearTimeout(deadline);
    options.signal?.removeEventListener("abort", abort);
  }
}

function dial(proxy: URL): net.Socket {
  const host = bareHost(proxy);
  return proxy.protocol === "https:" ? tls.connect({ host, port: Number(proxy.port || 443), servername: net.isIP(host) === 0 ? host : "" }) : net.connect({ host, port: Number(proxy.port || 80) });
}

function connectThrough(raw: net.Socket, proxy: URL, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const finish = (error?: unknown): void => {
      raw.off("data", take).off("error", finish).off("close", closed);
      if (error === undefined) resolve();
      else reject(error);
    };
    const closed = (): void => finish(failure("unexpected EOF", { retry: true }));
    const take = (bytes: Buffer): void => {
      head = Buffer.concat([head, bytes]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) {
        if (head.length > MAX_HEAD_BYTES) finish(failure("malformed HTTP response"));
        return;
      }
      raw.pause();
      const text = head.toString("latin1");
      const [, status, words = ""] = /^HTTP\/1\.\d (\d{3}) ?([^\r]*)/.exec(text) ?? [];
      if (status === undefined) finish(failure(`malformed HTTP response ${JSON.stringify(text.split("\r")[0])}`));
      else finish(status === "200" ? undefined : failure(words === "" ? "unknown status code" : words));
    };
    raw.on("data", take).once("error", finish).once("close", closed);
    const authorization = proxyAuthorization(proxy);
    raw.write(`CONNECT ${address} HTTP/1.1\r\nHost: ${address}\r\n${authorization === undefined ? "" : `Proxy-Authorization: ${authorization}\r\n`}\r\n`);
  });
}

function secure(raw: net.Socket, host: string, options: tls.ConnectionOptions): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ ...options, socket: raw, host, ...(net.isIP(host) === 0 ? { servername: host } : {}) });
    socket.once("error", reject);
    socket.once("close", () => reject(Object.assign(new Error("EOF"), { code: "ERR_SOCKET_CLOSED" })));
    socket.once("secureConnect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}
