// The files of a log, opened together so that a rotation meanwhile takes nothing away, and where in them the last N records begin.
import { closeSync, createReadStream, fstatSync, openSync, read } from "node:fs";
import { promisify } from "node:util";
import { createGunzip } from "node:zlib";
import { rotatedPath } from "./log-files.ts";

const BLOCK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

const readAt = promisify(read);

export interface LogSource {
  fd: number;
  isCompressed: boolean;
  /** As it was when opened: what is written later is for those who follow. */
  sizeBytes: number;
  ino: number;
}

/** Oldest first; the current one is the last. None if there is no log yet. */
export function openSources(path: string, maxFiles: number): LogSource[] {
  const sources: LogSource[] = [];
  for (let age = Math.max(maxFiles, 1) - 1; age >= 0; age--) {
    const source = openSource(rotatedPath(path, age), false) ?? (age > 0 ? openSource(`${rotatedPath(path, age)}.gz`, true) : undefined);
    if (source !== undefined) sources.push(source);
  }
  return sources;
}

export function openSource(path: string, isCompressed: boolean): LogSource | undefined {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    // not made yet, or rotated away
    return undefined;
  }
  const { size, ino } = fstatSync(fd);
  return { fd, isCompressed, sizeBytes: size, ino };
}

export function closeSources(sources: Iterable<LogSource>): void {
  for (const { fd } of sources) closeSync(fd);
}

/** Its bytes from a place on (of what it holds uncompressed), up to its size. */
export async function* sourceBytes(source: LogSource, from = 0): AsyncGenerator<Buffer> {
  if (!source.isCompressed) {
    for (let at = from; at < source.sizeBytes; ) {
      const { bytesRead, buffer } = await readAt(source.fd, Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, source.sizeBytes - at)), 0, Math.min(BLOCK_BYTES, source.sizeBytes - at), at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    return;
  }
  let skip = from;
  const plain = createReadStream("", { fd: source.fd, start: 0, autoClose: false }).pipe(createGunzip());
  try {
    for await (const block of plain as AsyncIterable<Buffer>) {
      if (skip < block.length) yield skip > 0 ? block.subarray(skip) : block;
      skip = Math.max(0, skip - block.length);
    }
  } catch {
    // a damaged archive: what could be read of it was given
  } finally {
    plain.destroy();
  }
}

/** The place in which source the last `count` records begin. */
export async function findTail(sources: readonly LogSource[], count: number): Promise<{ index: number; from: number }> {
  let wanted = count;
  for (let index = sources.length - 1; index >= 0 && wanted > 0; index--) {
    const source = sources[index] as LogSource;
    const found = source.isCompressed ? await tailByCounting(source, wanted) : await tailBackwards(source, wanted);
    if (found.from !== undefined) return { index, from: found.from };
    wanted -= found.records;
  }
  const last = sources.at(-1);
  return count === 0 && last !== undefined ? { index: sources.length - 1, from: last.sizeBytes } : { index: 0, from: 0 };
}

interface TailPlace {
  /** Undefined: it holds fewer. */
  from?: number;
  records: number;
}

async function tailBackwards(source: LogSource, wanted: number): Promise<TailPlace> {
  let records = 0;
  for (let end = source.sizeBytes; end > 0; ) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const { bytesRead, buffer } = await readAt(source.fd, Buffer.allocUnsafeSlow(end - start), 0, end - start, start);
    const block = buffer.subarray(0, bytesRead);
    for (let at = block.lastIndexOf(NEWLINE); at >= 0; at = at === 0 ? -1 : block.lastIndexOf(NEWLINE, at - 1)) {
      // the newline of the last record does not begin one
      if (start + at + 1 === source.sizeBytes) continue;
      records++;
      if (records === wanted) return { from: start + at + 1, records };
    }
    end = start;
  }
  if (source.sizeBytes > 0) records++;
  return records === wanted ? { from: 0, records } : { records };
}

/** Backwards is not possible: counted once, and then the place is sought. */
async function tailByCounting(source: LogSource, wanted: number): Promise<TailPlace> {
  let records = 0;
  for await (const block of sourceBytes(source)) records += countNewlines(block);
  if (records < wanted) return { records };
  let before = 0;
  let passed = 0;
  for await (const block of sourceBytes(source)) {
    for (let at = block.indexOf(NEWLINE); at >= 0 && passed < records - wanted; at = block.indexOf(NEWLINE, at + 1)) {
      passed++;
      if (passed === records - wanted) return { from: before + at + 1, records: wanted };
    }
    before += block.length;
  }
  return { from: 0, records: wanted };
}

function countNewlines(block: Buffer): number {
  let count = 0;
  for (let at = block.indexOf(NEWLINE); at >= 0; at = block.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
