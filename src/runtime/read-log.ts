// Reads a log across its rotated files: all of it or its end, between two times, and on as it grows.
import { followRecords } from "./log-follow.ts";
import { RecordParser, timeKey, timeKeyOf } from "./log-parse.ts";
import { closeSources, findTail, openSources, sourceBytes } from "./log-source.ts";
import type { TaskLog } from "./runtime.ts";

/** What of a log is needed to find it again. */
export type LogOptions = Pick<TaskLog, "path" | "maxFiles">;

export interface LogReadOptions {
  stdout: boolean;
  stderr: boolean;
  /** ns since 1970; lines of that time and later. */
  since?: bigint;
  /** ns since 1970; lines of that time and earlier. */
  until?: bigint;
  /** Of the last so many records, whatever their stream and time, as Docker does; undefined: all. */
  tail?: number;
  follow?: boolean;
  /** Ends a follow, once what stands in the file was given; any other reading at once. */
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

/** Opens the log when iterated. */
export async function* readLog(log: LogOptions, options: LogReadOptions): AsyncGenerator<LogLine> {
  for await (const batch of readLogBatches(log, options)) yield* batch;
}

/** The same in pieces of many lines, for whoever is in a hurry; none is empty. */
export async function* readLogBatches(log: LogOptions, options: LogReadOptions): AsyncGenerator<LogLine[]> {
  const filter = lineFilter(options);
  for await (const lines of records(log, options)) {
    const { wanted, isOver } = filter(lines);
    if (wanted.length > 0) yield wanted;
    if (isOver || (options.follow !== true && options.signal?.aborted === true)) return;
  }
}

async function* records(log: LogOptions, { tail, follow, signal, until }: LogReadOptions): AsyncGenerator<LogLine[]> {
  const sources = openSources(log.path, log.maxFiles);
  const parser = new RecordParser();
  let rest: Buffer = Buffer.alloc(0);
  try {
    const start = tail === undefined ? { index: 0, from: 0 } : await findTail(sources, tail);
    for (const [index, source] of sources.entries()) {
      if (index < start.index) continue;
      // a file that ends in the middle of a record: the next one does not go on with it
      rest = Buffer.alloc(0);
      for await (const block of sourceBytes(source, index === start.index ? start.from : 0)) {
        const bytes = rest.length === 0 ? block : Buffer.concat([rest, block]);
        const lines: LogLine[] = [];
        rest = bytes.subarray(parser.parse(bytes, lines));
        yield lines;
      }
    }
    if (follow === true) yield* followRecords(log, { source: sources.pop(), parser, rest, signal, until });
  } finally {
    closeSources(sources);
  }
}

function lineFilter({ stdout, stderr, since, until }: LogReadOptions): (lines: LogLine[]) => { wanted: LogLine[]; isOver: boolean } {
  if (stdout && stderr && since === undefined && until === undefined) return (wanted) => ({ wanted, isOver: false });
  const sinceKey = since === undefined ? "" : timeKeyOf(since);
  const untilKey = until === undefined ? "~" : timeKeyOf(until);
  const isTimed = since !== undefined || until !== undefined;
  return (lines) => {
    const wanted: LogLine[] = [];
    for (const line of lines) {
      const key = isTimed ? timeKey(line.time) : "";
      if (isTimed && key > untilKey) return { wanted, isOver: true };
      if (key >= sinceKey && (line.stream === "stdout" ? stdout : stderr)) wanted.push(line);
    }
    return { wanted, isOver: false };
  };
}
