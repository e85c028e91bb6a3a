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
  /** What ends its records, as of `suffixTime`. */
  suffix: Uint8Array;
  suffixTime: string;
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
  /** Of what is being written now. */
  private time = "";
  /** The last record in the file lacks its end. */
  private isTorn = false;

  constructor(private readonly log: TaskLog) {
    this.attrs = recordAttrs(log.attrs);
    this.compressor = new Compressor(log);
    const stream = (name: "stdout" | "stderr"): Stream => ({ name, pending: new PendingLine(log.path, name), pieceTime: undefined, suffix: new Uint8Array(0), suffixTime: "" });
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
    this.time = this.clock.now();
    let position = 0;
    while (position < bytes.length) {
      const end = bytes.indexOf(NEWLINE, position);
      const stop = end < 0 ? bytes.length : end;
      position = this.pieces(state, bytes, position, stop);
      if (end < 0) {
        state.pending.add(bytes.subarray(position));
        break;
      }
      this.line(state, bytes, position, end);
      position = end + 1;
    }
    this.write();
    state.pending.save(this.fd);
  }

  /** The end of a line, with what waited for it. */
  private line(state: Stream, bytes: Uint8Array, from: number, to: number): void {
    const { pending } = state;
    if (pending.length === 0) this.record(state, bytes, from, to, true);
    else {
      pending.add(bytes.subarray(from, to));
      this.record(state, pending.bytes, 0, pending.length, true);
      pending.drop();
    }
    state.pieceTime = undefined;
  }

  /** Writes all of the line that is too much for one record; what is left, and its newline, fit into one. */
  private pieces(state: Stream, bytes: Uint8Array, from: number, to: number): number {
    const { pending } = state;
    let position = from;
    // one less: a full record is written at once, and a newline needs its place
    while (pending.length + (to - position) > MAX_LINE_BYTES - 1) {
      state.pieceTime ??= this.time;
      const room = MAX_LINE_BYTES - pending.length;
      if (pending.length === 0) {
        const end = characterEnd(bytes, position, position + room);
        this.record(state, bytes, position, end, false);
        position = end;
      } else {
        pending.add(bytes.subarray(position, position + room));
        const end = characterEnd(pending.bytes, 0, pending.length);
        this.record(state, pending.bytes, 0, end, false);
        pending.drop(end);
        position += room;
      }
    }
    return position;
  }

  private record(state: Stream, bytes: Uint8Array, from: number, to: number, isWhole: boolean): void {
    const { maxSizeBytes } = this.log;
    // as in Docker, a file is full when it has reached its size, not before it would
    if (maxSizeBytes > 0 && this.sizeBytes + this.records.length >= maxSizeBytes) this.beginFile();
    this.records.add(bytes, from, to, isWhole, this.suffixOf(state));
    if (this.records.length >= WRITE_BYTES) this.write();
  }

  private suffixOf(state: Stream): Uint8Array {
    const time = state.pieceTime ?? this.time;
    if (state.suffixTime !== time) {
      state.suffixTime = time;
      state.suffix = recordSuffix(state.name, this.attrs, time);
    }
    return state.suffix;
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
    // no two files have records of the same time: by this a reader finds its place again
    this.time = this.clock.now();
    for (const state of Object.values(this.streams)) {
      if (state.pieceTime !== undefined) state.pieceTime = this.time;
      // what waits refers to a place in the file of before
      state.pending.save(this.fd);
    }
    this.compressor.rotated();
  }

  flushPartial(): void {
    if (!this.isOpen) return;
    for (const state of Object.values(this.streams)) this.attempt(() => this.flushStream(state));
  }

  private flushStream(state: Stream): void {
    const { pending } = state;
    this.time = this.clock.now();
    if (pending.length > 0) this.record(state, pending.bytes, 0, pending.length, false);
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
