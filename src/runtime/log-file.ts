// A container's log in Docker's json-file format: what its streams say, cut into lines and written at once. Reading: read-log.ts.
import { closeSync, fstatSync, readSync, writeSync } from "node:fs";
import { LogClock } from "./log-clock.ts";
import { Compressor, openCurrent, rotate } from "./log-files.ts";
import { MAX_LINE_BYTES, PendingLine } from "./log-pending.ts";
import { characterEnd, RecordBuffer, recordAttrs, recordSuffix } from "./log-record.ts";
import type { TaskLog } from "./runtime.ts";

export type { LogLine, LogOptions, LogReadOptions } from "./read-log.ts";
export { readLog, readLogBatches } from "./read-log.ts";

export interface LogFile {
  /** Takes what was read from one stream, in any pieces; in the file when it returns. A line without its end waits for it, and is kept meanwhile. */
  append(stream: "stdout" | "stderr", bytes: Uint8Array): void;
  /** The streams are over: what waits for the end of its line is written as it is. */
  flushPartial(): void;
  close(): void;
}

export function openLogFile(log: TaskLog): LogFile {
  return new JsonLogFile(log);
}

const NEWLINE = 0x0a;
/** So much is collected before it is written, if one read brings more. */
const WRITE_BYTES = 256 * 1024;

interface Stream {
  name: "stdout" | "stderr";
  pending: PendingLine;
  /** Of the first piece of a line that is being written in pieces. */
  pieceTime: string | undefined;
}

class JsonLogFile implements LogFile {
  private readonly clock = new LogClock();
  private readonly records = new RecordBuffer();
  private readonly attrs: Uint8Array;
  private readonly streams: Record<"stdout" | "stderr", Stream>;
  private readonly compressor: Compressor;
  private fd: number;
  private sizeBytes: number;
  private isOpen = true;
  /** The last record in the file lacks its end. */
  private isTorn = false;

  constructor(private readonly log: TaskLog) {
    this.attrs = recordAttrs(log.attrs);
    this.compressor = new Compressor(log);
    const stream = (name: "stdout" | "stderr"): Stream => ({ name, pending: new PendingLine(log.path, name), pieceTime: undefined });
    this.streams = { stdout: stream("stdout"), stderr: stream("stderr") };
    this.fd = openCurrent(log.path);
    this.sizeBytes = fstatSync(this.fd).size;
    this.isTorn = this.sizeBytes > 0 && lastByte(this.fd, this.sizeBytes) !== NEWLINE;
    for (const { pending } of Object.values(this.streams)) pending.restore();
    this.compressor.wake();
  }

  append(stream: "stdout" | "stderr", bytes: Uint8Array): void {
    if (!this.isOpen || bytes.length === 0) return;
    this.attempt(() => this.take(this.streams[stream], bytes));
  }

  private take(state: Stream, bytes: Uint8Array): void {
    const time = this.clock.now();
    const suffix = recordSuffix(state.name, this.attrs, time);
    let position = 0;
    while (position < bytes.length) {
      const end = bytes.indexOf(NEWLINE, position);
      const stop = end < 0 ? bytes.length : end;
      position = this.pieces(state, bytes, position, stop, end >= 0, time);
      if (end < 0) {
        state.pending.add(bytes.subarray(position));
        break;
      }
      this.line(state, bytes, position, end, suffix);
      position = end + 1;
    }
    this.write();
    state.pending.save(this.fd);
  }

  /** The end of a line, with what waited for it. */
  private line(state: Stream, bytes: Uint8Array, from: number, to: number, usualSuffix: Uint8Array): void {
    const { pending, pieceTime, name } = state;
    const suffix = pieceTime === undefined ? usualSuffix : recordSuffix(name, this.attrs, pieceTime);
    state.pieceTime = undefined;
    if (pending.length === 0) this.record(bytes, from, to, true, suffix);
    else {
      pending.add(bytes.subarray(from, to));
      this.record(pending.bytes, 0, pending.length, true, suffix);
      pending.drop();
    }
  }

  /** Writes all of the line that is too much for one record; what is left, and its newline, fit into one. */
  private pieces(state: Stream, bytes: Uint8Array, from: number, to: number, isEnded: boolean, time: string): number {
    const { pending } = state;
    let position = from;
    while (pending.length + (to - position) + (isEnded ? 1 : 0) > MAX_LINE_BYTES || (!isEnded && pending.length + (to - position) === MAX_LINE_BYTES)) {
      state.pieceTime ??= time;
      const suffix = recordSuffix(state.name, this.attrs, state.pieceTime);
      const room = MAX_LINE_BYTES - pending.length;
      if (pending.length === 0) {
        const end = characterEnd(bytes, position, position + room);
        this.record(bytes, position, end, false, suffix);
        position = end;
      } else {
        pending.add(bytes.subarray(position, position + room));
        const end = characterEnd(pending.bytes, 0, pending.length);
        this.record(pending.bytes, 0, end, false, suffix);
        pending.drop(end);
        position += room;
      }
    }
    return position;
  }

  private record(bytes: Uint8Array, from: number, to: number, isWhole: boolean, suffix: Uint8Array): void {
    const { maxSizeBytes } = this.log;
    // as in Docker, a file is full when it has reached its size, not before it would
    if (maxSizeBytes > 0 && this.sizeBytes + this.records.length >= maxSizeBytes) this.beginFile();
    this.records.add(bytes, from, to, isWhole, suffix);
    if (this.records.length >= WRITE_BYTES) this.write();
  }

  private write(): void {
    const { filled } = this.records;
    for (let written = 0; written < filled.length; ) {
      written += writeSync(this.fd, filled, written);
      this.isTorn = written < filled.length;
    }
    this.sizeBytes += filled.length;
    this.records.clear();
  }

  /** A container does not stop because its log cannot be written (no space, most likely): what cannot be, is lost, and nothing else. */
  private attempt(work: () => void): void {
    try {
      if (this.isTorn) this.sizeBytes += writeSync(this.fd, "\n");
      this.isTorn = false;
      work();
    } catch {
      this.records.clear();
    }
  }

  private beginFile(): void {
    this.write();
    this.fd = rotate(this.fd, this.log);
    this.sizeBytes = fstatSync(this.fd).size;
    // what waits in the other stream refers to a place in the file of before
    for (const { pending } of Object.values(this.streams)) pending.save(this.fd);
    this.compressor.rotated();
  }

  flushPartial(): void {
    if (!this.isOpen) return;
    for (const state of Object.values(this.streams)) this.attempt(() => this.flushStream(state));
  }

  private flushStream(state: Stream): void {
    const { pending, name } = state;
    if (pending.length > 0) this.record(pending.bytes, 0, pending.length, false, recordSuffix(name, this.attrs, state.pieceTime ?? this.clock.now()));
    pending.drop();
    state.pieceTime = undefined;
    this.write();
    pending.save(this.fd);
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.compressor.close();
    for (const { pending } of Object.values(this.streams)) pending.close();
    closeSync(this.fd);
  }
}

/** After a power cut the last record may lack its end: the next one begins a line of its own. */
function lastByte(fd: number, sizeBytes: number): number | undefined {
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, sizeBytes - 1);
  return last[0];
}
