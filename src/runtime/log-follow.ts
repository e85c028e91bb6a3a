// A log as it grows: new records of the current file, and of those that take its place.
import { closeSync, fstatSync, statSync } from "node:fs";
import { rotatedPath } from "./log-files.ts";
import { RecordParser, timeKey } from "./log-parse.ts";
import { closeSources, type LogSource, openSource, openSources, sourceBytes } from "./log-source.ts";
import { LogWatch } from "./log-watch.ts";
import type { LogLine, LogOptions } from "./read-log.ts";

export interface FollowStart {
  /** The current file, read up to its `sizeBytes`; it is closed here. None: the log is not yet made. */
  source: LogSource | undefined;
  parser: RecordParser;
  /** What was read of a record that was not all there. */
  rest: Buffer;
  signal: AbortSignal | undefined;
  until: bigint | undefined;
}

export async function* followRecords(log: LogOptions, start: FollowStart): AsyncGenerator<LogLine[]> {
  const follower = new Follower(log, start);
  const watch = new LogWatch(log.path, start.signal);
  const untilMs = start.until === undefined ? Number.POSITIVE_INFINITY : Number(start.until / 1_000_000n);
  try {
    for (;;) {
      await watch.next();
      // asked before the last look: what was written until then is given
      const isLast = start.signal?.aborted === true || Date.now() > untilMs;
      yield* follower.news();
      if (isLast) return;
    }
  } finally {
    watch.close();
    follower.close();
  }
}

class Follower {
  private source: LogSource | undefined;
  private position: number;
  private rest: Buffer;

  constructor(
    private readonly log: LogOptions,
    private readonly start: FollowStart,
  ) {
    this.source = start.source;
    this.position = start.source?.sizeBytes ?? 0;
    this.rest = start.rest;
  }

  /** All there is now. */
  async *news(): AsyncGenerator<LogLine[]> {
    for (;;) {
      if (this.source !== undefined) {
        const isCurrent = statSync(this.log.path, { throwIfNoEntry: false })?.ino === this.source.ino;
        // read after that look: a file that is no longer the current one does not grow any more
        yield* this.grown(this.source);
        if (isCurrent) return;
      }
      const next = await this.next();
      if (next === undefined) return;
      if (this.source !== undefined) closeSync(this.source.fd);
      this.source = next;
      this.position = 0;
      this.rest = Buffer.alloc(0);
    }
  }

  private async *grown(source: LogSource): AsyncGenerator<LogLine[]> {
    source.sizeBytes = source.isCompressed ? Number.POSITIVE_INFINITY : fstatSync(source.fd).size;
    if (source.sizeBytes < this.position) {
      // emptied: what was in it and not read is gone
      this.position = 0;
      this.rest = Buffer.alloc(0);
    }
    for await (const block of sourceBytes(source, this.position)) {
      this.position += block.length;
      const bytes = this.rest.length === 0 ? block : Buffer.concat([this.rest, block]);
      const lines: LogLine[] = [];
      this.rest = bytes.subarray(this.start.parser.parse(bytes, lines));
      if (lines.length > 0) yield lines;
    }
  }

  /** The file that came after the one read to its end. */
  private async next(): Promise<LogSource | undefined> {
    if (this.source === undefined) return openSource(this.log.path, false);
    for (let age = 1; age < this.log.maxFiles; age++) {
      const path = rotatedPath(this.log.path, age);
      if (statSync(path, { throwIfNoEntry: false })?.ino === this.source.ino) return openSource(rotatedPath(this.log.path, age - 1), false) ?? this.nextByTime();
    }
    return this.nextByTime();
  }

  /** The one read was compressed or removed meanwhile: the oldest of those that begin later. No two files have records of the same time. */
  private async nextByTime(): Promise<LogSource | undefined> {
    const { lastTime } = this.start.parser;
    if (lastTime === "") return openSource(this.log.path, false);
    const sources = openSources(this.log.path, this.log.maxFiles);
    let found: LogSource | undefined;
    for (const source of sources) {
      if (source.ino !== this.source?.ino && found === undefined && (await firstKey(source)) > timeKey(lastTime)) found = source;
    }
    closeSources(sources.filter((source) => source !== found));
    return found;
  }

  close(): void {
    if (this.source !== undefined) closeSync(this.source.fd);
  }
}

async function firstKey(source: LogSource): Promise<string> {
  const lines: LogLine[] = [];
  for await (const block of sourceBytes(source)) {
    new RecordParser().parse(block, lines);
    const first = lines[0];
    if (first !== undefined) return timeKey(first.time);
  }
  return "";
}
