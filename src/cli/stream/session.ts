// A hijacked connection joined to the console: input until EOF or the detach keys, output until its end.
import type { Cli } from "../context.ts";
import type { RawConnection } from "../raw-connection.ts";
import { demultiplex } from "./demux.ts";
import { DetachScanner } from "./detach-keys.ts";
import { enterRawMode } from "./terminal.ts";

export interface SessionOptions {
  readonly tty: boolean;
  readonly input: boolean;
  readonly output: boolean;
  readonly errors: boolean;
  readonly detachKeys: Uint8Array;
  /** The container gets the signals: they do not end us. */
  readonly signalsPassedOn?: boolean;
}

/** Resolves when the output has ended or the user has typed the detach keys. */
export async function runSession(cli: Cli, connection: RawConnection, options: SessionOptions): Promise<"ended" | "detached"> {
  const leaveRawMode = options.tty && options.input ? enterRawMode(options) : () => undefined;
  try {
    const detached = options.input ? sendInput(cli, connection, options) : new Promise<never>(() => undefined);
    const ended = receiveOutput(cli, connection, options).then(() => "ended" as const);
    if (!options.output && !options.errors) return await Promise.race([detached, ended]);
    return await Promise.race([ended, detached]);
  } finally {
    leaveRawMode();
    connection.close();
  }
}

/** Resolves only when detached; EOF closes our half and leaves the output running. */
async function sendInput(cli: Cli, connection: RawConnection, options: SessionOptions): Promise<"detached"> {
  const scanner = new DetachScanner(options.tty ? options.detachKeys : new Uint8Array()); // without a terminal bytes are only bytes
  try {
    for await (const bytes of cli.console.input()) {
      const { pass, detached } = scanner.push(bytes);
      if (pass.length > 0) await connection.write(pass);
      if (detached) return "detached";
    }
  } catch {
    // stdin is closed or unreadable: the same as its end
  }
  connection.closeInput();
  return new Promise<never>(() => undefined);
}

async function receiveOutput(cli: Cli, connection: RawConnection, options: SessionOptions): Promise<void> {
  if (options.tty) {
    for await (const bytes of connection.output) if (options.output) cli.console.out(bytes);
    return;
  }
  for await (const { stream, bytes } of demultiplex(connection.output)) {
    if (stream === "err" && options.errors) cli.console.err(bytes);
    if (stream === "out" && options.output) cli.console.out(bytes);
  }
}
