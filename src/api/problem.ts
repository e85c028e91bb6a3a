// Any thrown value → a reply: status by kind, Docker's `message`, and what we know beyond it. Nothing of a stack goes out.
import { EngineError, kindOf, messageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { systemErrorText } from "../base/system-error.ts";
import { statusOf } from "../wire/status.ts";
import { empty, json, type Reply } from "./reply.ts";

export function problemReply(error: unknown, log: Log, what: string): Reply {
  const status = statusOf(kindOf(error));
  if (status === 304) return empty(304);
  return json(problemBody(error, log, what), status);
}

export function problemBody(error: unknown, log: Log, what: string): Record<string, unknown> {
  if (error instanceof EngineError) {
    if (error.kind === "internal") log.warn("request failed", { what, error: error.message, ...(error.cause === undefined ? {} : { cause: messageOf(error.cause) }) });
    return { message: error.message, ...error.detail };
  }
  const failedCall = systemErrorText(error);
  if (failedCall !== undefined) {
    log.warn("request failed", { what, error: failedCall });
    return { message: failedCall };
  }
  // a bug of ours: its text may help, its stack is for the log
  log.error("bug in a request", { what, error });
  return { message: messageOf(error) || "internal error" };
}

/** For connections that were hijacked before it went wrong: plain text. */
export function problemText(error: unknown, log: Log, what: string): { status: number; text: string } {
  return { status: statusOf(kindOf(error)), text: String(problemBody(error, log, what)["message"]) };
}
