// Signals that reach the client are passed on to the container (no terminal, --sig-proxy).
import { constants } from "node:os";
import type { Client } from "../client.ts";
import { segment } from "../short-id.ts";

/** Never passed on: ours to handle, or impossible to catch. */
const OWN = new Set(["SIGCHLD", "SIGPIPE", "SIGWINCH", "SIGURG", "SIGKILL", "SIGSTOP", "SIGCLD", "SIGPROF", "SIGVTALRM", "SIGILL", "SIGSEGV", "SIGBUS", "SIGFPE", "SIGTRAP", "SIGABRT", "SIGIOT"]);

/** Starts passing; the returned function stops it. */
export function proxySignals(client: Client, container: string): () => void {
  const handlers: [NodeJS.Signals, () => void][] = [];
  for (const signal of Object.keys(constants.signals) as NodeJS.Signals[]) {
    if (OWN.has(signal)) continue;
    const handler = () => {
      client.json("POST", `/containers/${segment(container)}/kill`, { query: { signal: signal.slice(3) } }).catch(() => undefined); // it may have ended just now
    };
    try {
      process.on(signal, handler);
      handlers.push([signal, handler]);
    } catch {
      // a signal this platform does not let us catch
    }
  }
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}
