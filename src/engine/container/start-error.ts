// What a failed start means: the exit code the container gets, and the error the client is told. Pure.
import { EngineError, invalid, kindOf, messageOf } from "../../base/errors.ts";

export interface StartFailure {
  exitCode: number;
  error: EngineError;
}

const UNKNOWN = 128;
const CANNOT_INVOKE = 126;
const NOT_FOUND = 127;

/** Docker judges by the words of the OCI runtime. */
export function startFailure(error: unknown, isRuntimes: boolean): StartFailure {
  const message = messageOf(error);
  const text = message.toLowerCase();
  const detail = error instanceof EngineError ? { ...error.detail } : {};
  const say = (exitCode: number, more = ""): StartFailure => ({ exitCode, error: invalid(message + more, detail, error) });
  if (isRuntimes) {
    if (text.includes("executable file not found") || text.includes("no such file or directory")) return say(NOT_FOUND);
    if (text.includes("permission denied") || text.includes("is a directory")) return say(CANNOT_INVOKE);
    if (text.includes("not a directory")) {
      return say(NOT_FOUND, ": Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type");
    }
  }
  return { exitCode: UNKNOWN, error: new EngineError(kindOf(error), message, detail, error) };
}
