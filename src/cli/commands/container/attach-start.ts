// Attach, wait, start, in this order, so that no output and no end is missed: `run` and `start -a`.
import type { Cli } from "../../context.ts";
import { segment } from "../../short-id.ts";
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from "../../stream/detach-keys.ts";
import { proxySignals } from "../../stream/signal-proxy.ts";
import { runSession } from "../../stream/session.ts";
import { followSize } from "../../stream/terminal.ts";
import { exitStatus, watchExit, type ExitWatch } from "./exit-status.ts";

export interface AttachedStart {
  readonly id: string;
  readonly tty: boolean;
  readonly input: boolean;
  readonly output: boolean;
  readonly errors: boolean;
  readonly detachKeys: string;
  readonly proxySignals: boolean;
  readonly autoRemove: boolean;
}

/** Resolves to the container's exit code, or 0 when the user detached. */
export async function attachAndStart(cli: Cli, start: AttachedStart): Promise<number> {
  const client = cli.client();
  const path = `/containers/${segment(start.id)}`;
  const detachKeys = start.detachKeys || cli.config().text("detachKeys") || "";
  const keys = parseDetachKeys(detachKeys || DEFAULT_DETACH_KEYS);
  const stopProxy = start.proxySignals ? proxySignals(client, start.id) : () => undefined;
  try {
    const connection = await client.hijack(`${path}/attach`, {
      query: { detachKeys: detachKeys || undefined, stream: true, stdin: start.input || undefined, stdout: start.output || undefined, stderr: start.errors || undefined },
    });
    const session = runSession(cli, connection, { tty: start.tty, input: start.input, output: start.output, errors: start.errors, detachKeys: keys, signalsPassedOn: start.proxySignals });
    session.catch(() => undefined); // awaited below, unless the start fails
    const waiting = await watchExit(client, start.id, start.autoRemove ? "removed" : "next-exit");
    await startOrClose(cli, path, () => connection.close(), start.autoRemove ? waiting : undefined);
    const stopSize = start.tty && cli.console.isTerminal("out") ? keepSize(cli, path) : () => undefined;
    const end = await session;
    stopSize();
    if (end === "detached") return 0;
    return await exitStatus(waiting);
  } finally {
    stopProxy();
  }
}

async function startOrClose(cli: Cli, path: string, close: () => void, removal: ExitWatch | undefined): Promise<void> {
  try {
    await cli.client().json("POST", `${path}/start`);
  } catch (error) {
    close();
    // a container that is removed when it ends is gone when we say that it failed
    await removal?.answer.catch(() => undefined);
    throw error;
  }
}

/** Tells the container the terminal's size, now and when it changes. */
export function keepSize(cli: Cli, path: string): () => void {
  return followSize(cli.console, ({ columns, rows }) => {
    cli.client().json("POST", `${path}/resize`, { query: { h: rows, w: columns } }).catch(() => undefined); // it may have ended
  });
}
