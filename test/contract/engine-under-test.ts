// What contract tests talk to: a berth daemon of their own or, with CONTRACT_SOCKET, an engine that runs already
// (the real Docker, to see that a test expects what Docker does).
import { type Answer, callSocket, startDaemon, type TestDaemon } from "../support/daemon.ts";

export interface EngineUnderTest extends AsyncDisposable {
  readonly socket: string;
  /** Only when it is ours. */
  readonly daemon: TestDaemon | undefined;
  call(method: string, path: string, body?: unknown): Promise<Answer>;
}

/** Starts with this, for names that nobody else has. */
export function uniqueName(what: string): string {
  return `ct-${what}-${process.pid.toString(36)}${Date.now().toString(36).slice(-4)}`;
}

export async function openEngine(flags: readonly string[] = []): Promise<EngineUnderTest> {
  const given = process.env["CONTRACT_SOCKET"];
  if (given !== undefined && given !== "") {
    return { socket: given, daemon: undefined, call: (method, path, body) => callSocket(given, method, path, body), [Symbol.asyncDispose]: async () => undefined };
  }
  const daemon = await startDaemon({ flags });
  return { socket: daemon.socket, daemon, call: (method, path, body) => daemon.call(method, path, body), [Symbol.asyncDispose]: () => daemon.remove() };
}
