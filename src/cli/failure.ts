// What a command fails with: a text for stderr and the exit code of the process. Daemon errors keep their HTTP status and body.
import { EngineError, invalid } from "../base/errors.ts";
import { kindOfStatus } from "../wire/status.ts";

/** A failure of the command line itself, exit code 1 unless told otherwise. An empty message prints nothing. */
export function failure(message: string, exitCode = 1): EngineError {
  return invalid(message, { exitCode });
}

/** Ends the command silently with this exit code. */
export function exitWith(exitCode: number): EngineError {
  return failure("", exitCode);
}

export function exitCodeOf(error: unknown): number {
  const code = error instanceof EngineError ? error.detail["exitCode"] : undefined;
  return typeof code === "number" ? code : 1;
}

/** What the daemon answered with a status of 400 or more. `message` is the daemon's own text, without a prefix. */
export function daemonError(status: number, message: string, body: unknown): EngineError {
  return new EngineError(kindOfStatus(status), message, { status, body, fromDaemon: true });
}

export function isDaemonError(error: unknown): error is EngineError {
  return error instanceof EngineError && error.detail["fromDaemon"] === true;
}

/** The text for stderr: daemon errors carry Docker's prefix. */
export function textOf(error: unknown): string {
  if (isDaemonError(error)) return `Error response from daemon: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

export function isNotFound(error: unknown): boolean {
  return error instanceof EngineError && error.kind === "not_found";
}

/** Several failures as one, each on its line, as Docker joins them. */
export function joinFailures(errors: readonly unknown[]): void {
  if (errors.length === 0) return;
  const joined = failure(errors.map(textOf).join("\n"));
  const hints = errors.filter(isDaemonError).map((error) => error.detail["body"]);
  throw new EngineError("invalid", joined.message, { exitCode: 1, bodies: hints });
}
