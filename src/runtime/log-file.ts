// A container's log in Docker's json-file format: written here, read by read-log.ts.
import { notImplemented } from "../base/errors.ts";
import type { TaskLog } from "./runtime.ts";

export interface LogFile {
  /** Takes what was read from one stream, in any pieces; in the file when it returns. */
  append(stream: "stdout" | "stderr", bytes: Uint8Array): void;
  /** Ends lines that were never ended: the stream is over. */
  flushPartial(stream?: "stdout" | "stderr"): void;
  close(): void;
}

/** What of a log is needed to find it again. */
export type LogOptions = Pick<TaskLog, "path" | "maxFiles">;

export interface LogReadOptions {
  stdout: boolean;
  stderr: boolean;
  /** ns since 1970; lines of that time and later. */
  since?: bigint;
  /** ns since 1970; lines of that time and earlier. */
  until?: bigint;
  /** Last so many lines; undefined: all. */
  tail?: number;
  follow?: boolean;
  /** Ends a follow, once what stands in the file was given. */
  signal?: AbortSignal;
}

export interface LogLine {
  stream: "stdout" | "stderr";
  /** With its newline, if it had one. */
  text: Uint8Array;
  /** As written: RFC 3339 with nanoseconds. */
  time: string;
  attrs?: Readonly<Record<string, string>>;
}

export function openLogFile(_log: TaskLog): LogFile {
  throw notImplemented("openLogFile");
}

export async function* readLog(_log: LogOptions, _options: LogReadOptions): AsyncIterable<LogLine> {
  throw notImplemented("readLog");
}
