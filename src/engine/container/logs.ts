// GET /containers/{id}/logs
import { conflict } from "../../base/errors.ts";
import { type LogLine, readLog, type LogReadOptions } from "../../runtime/runtime.ts";
import type { ContainerRow } from "../../store/store.ts";
import { parseUnixSeconds } from "../../wire/time.ts";
import type { Engine } from "../engine.ts";
import { assertReadable, taskLog } from "./log-config.ts";
import { logPath } from "./own-files.ts";
import { findContainer } from "./row.ts";
import { assertAllowed } from "./state.ts";
import type { OutputChunk } from "./stream-session.ts";

export interface ContainerLogsOptions {
  stdout: boolean;
  stderr: boolean;
  since?: string;
  until?: string;
  timestamps?: boolean;
  details?: boolean;
  tail?: string;
  follow?: boolean;
  signal?: AbortSignal;
}

type Parts = Pick<Engine, "store" | "supervisor">;

/** Errors come at once; `output` begins when iterated. */
export async function containerLogs(engine: Parts, name: string, options: ContainerLogsOptions): Promise<{ tty: boolean; output: AsyncIterable<OutputChunk> }> {
  const row = findContainer(engine, name);
  if (!options.stdout && !options.stderr) throw conflict("You must choose at least one stream");
  assertAllowed("logs", row, name);
  assertReadable(row);
  const since = parseUnixSeconds(options.since)?.ns;
  const until = parseUnixSeconds(options.until)?.ns;
  const tail = tailOf(options.tail);
  const control = new AbortController();
  const wanted: LogReadOptions = {
    stdout: options.stdout,
    stderr: options.stderr,
    ...(since === undefined || since === 0n ? {} : { since }),
    ...(until === undefined || until === 0n ? {} : { until }),
    ...(tail === undefined ? {} : { tail }),
    signal: control.signal,
  };
  const follows = options.follow === true && (row.state.Running || row.starting === true);
  if (follows) stopAtEnd(engine, row.id, control, options.signal);
  else options.signal?.addEventListener("abort", () => control.abort(), { once: true });
  const lines = readContainerLog(engine, row, { ...wanted, follow: follows });
  return { tty: row.config.Tty === true, output: rendered(lines, options, control) };
}

export function readContainerLog(engine: Pick<Engine, "store">, row: ContainerRow, options: LogReadOptions): AsyncIterable<LogLine> {
  const { path, maxFiles } = taskLog(row, logPath(engine, row.id));
  return readLog({ path, maxFiles }, options);
}

/** Following ends with the container's run: everything is in the log by then. */
function stopAtEnd(engine: Parts, containerId: string, control: AbortController, signal: AbortSignal | undefined): void {
  const stop = (): void => control.abort();
  signal?.addEventListener("abort", stop, { once: true });
  void engine.supervisor.wait(containerId, "not-running", control.signal).then(stop, stop);
}

async function* rendered(lines: AsyncIterable<LogLine>, options: ContainerLogsOptions, control: AbortController): AsyncGenerator<OutputChunk> {
  try {
    for await (const line of lines) {
      if (options.signal?.aborted === true) return;
      yield { stream: line.stream === "stdout" ? 1 : 2, bytes: render(line, options) };
    }
  } finally {
    control.abort();
  }
}

function render(line: LogLine, { timestamps, details }: ContainerLogsOptions): Uint8Array {
  let prefix = timestamps === true ? `${fixedTime(line.time)} ` : "";
  if (details === true) prefix += `${detailText(line.attrs ?? {})} `;
  return prefix === "" ? line.text : Buffer.concat([Buffer.from(prefix), line.text]);
}

/** Always nine digits, so that columns stand below each other. */
export function fixedTime(time: string): string {
  const [, seconds = time, fraction = ""] = /^(.*?)(?:\.(\d+))?Z$/.exec(time) ?? [];
  return `${seconds}.${fraction.padEnd(9, "0")}Z`;
}

function detailText(attrs: Readonly<Record<string, string>>): string {
  return Object.entries(attrs)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .toSorted()
    .join(",");
}

/** Anything that is no number means all. */
function tailOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
