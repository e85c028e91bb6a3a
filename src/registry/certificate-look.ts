// A second look at a server whose certificate was refused, only to say why: nothing is sent to it.
import net from "node:net";
import tls, { type PeerCertificate } from "node:tls";
import { bareHost } from "./connection-text.ts";
import { openTunnel } from "./tunnel.ts";

export interface LookOptions {
  connectMs: number;
  signal?: AbortSignal;
}

/** Undefined if it is not to be seen again. */
export async function lookAtCertificate(url: URL, proxy: URL | undefined, options: LookOptions): Promise<PeerCertificate | undefined> {
  try {
    const socket = proxy === undefined ? await dial(url, options) : await openTunnel(proxy, url, { ...options, tls: { rejectUnauthorized: false } });
    const certificate = socket.getPeerCertificate();
    socket.destroy();
    return certificate;
  } catch {
    // it was refused whatever it says now
    return undefined;
  }
}

function dial(url: URL, { connectMs, signal }: LookOptions): Promise<tls.TLSSocket> {
  const host = bareHost(url);
  const socket = tls.connect({ host, port: Number(url.port || 443), rejectUnauthorized: false, ...(net.isIP(host) === 0 ? { servername: host } : {}) });
  const stop = AbortSignal.any([AbortSignal.timeout(connectMs), ...(signal === undefined ? [] : [signal])]);
  const abort = (): void => void socket.destroy(new Error("no look"));
  stop.addEventListener("abort", abort, { once: true });
  return new Promise<tls.TLSSocket>((resolve, reject) => {
    socket.once("error", reject).once("close", () => reject(new Error("closed")));
    socket.once("secureConnect", () => resolve(socket));
  }).finally(() => stop.removeEventListener("abort", abort));
}
