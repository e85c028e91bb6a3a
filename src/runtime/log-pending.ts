// The line that a stream has begun and not ended, kept so that it outlives a killed daemon: in memory, and in a file beside the log while there is one.
import { closeSync, constants, existsSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync, rmSync, statSync, writeSync } from "node:fs";
import { rotatedPath } from "./log-files.ts";

/** As in Docker: a longer line becomes several records. */
export const MAX_LINE_BYTES = 16 * 1024;
const HEADER_BYTES = 64;
const FIRST_BYTES = 256;

export class PendingLine {
  bytes = new Uint8Array(0);
  length = 0;
  private fd: number | undefined;
  private isSaved = false;

  constructor(
    private readonly logPath: string,
    private readonly stream: "stdout" | "stderr",
  ) {}

  private get path(): string {
    return `${this.logPath}.${this.stream}`;
  }

  /** The caller sees to it that it does not become longer than MAX_LINE_BYTES. */
  add(bytes: Uint8Array): void {
    const length = this.length + bytes.length;
    if (length > this.bytes.length) {
      const grown = new Uint8Array(Math.min(MAX_LINE_BYTES, Math.max(FIRST_BYTES, this.bytes.length * 2, length)));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(bytes, this.length);
    this.length = length;
  }

  /** Takes the first `length` bytes away. */
  drop(length = this.length): void {
    this.bytes.copyWithin(0, length, this.length);
    this.length -= length;
  }

  /** To be called when the log has what comes before. The place in the log says later whether the line was ended after all. */
  save(logFd: number): void {
    if (this.length === 0) {
      if (this.isSaved) this.forget();
      return;
    }
    const { ino, size } = fstatSync(logFd);
    const whole = Buffer.alloc(HEADER_BYTES + this.length, " ");
    whole.write(`${ino} ${size} ${this.length}`);
    whole.set(this.bytes.subarray(0, this.length), HEADER_BYTES);
    this.fd ??= openSync(this.path, constants.O_RDWR | constants.O_CREAT, 0o640);
    writeSync(this.fd, whole, 0, whole.length, 0);
    this.isSaved = true;
  }

  /** Takes up what an earlier daemon left. */
  restore(): void {
    if (!existsSync(this.path)) return;
    const saved = readFileSync(this.path);
    const [ino = Number.NaN, size = Number.NaN, length = Number.NaN] = saved.subarray(0, HEADER_BYTES).toString("latin1").trim().split(" ").map(Number);
    const bytes = saved.subarray(HEADER_BYTES, HEADER_BYTES + length);
    if (!(length > 0) || bytes.length < length || length > MAX_LINE_BYTES || this.wasEnded(ino, size)) return this.forget();
    this.add(bytes);
    this.isSaved = true;
  }

  private forget(): void {
    if (this.fd === undefined) rmSync(this.path, { force: true });
    else ftruncateSync(this.fd, 0);
    this.isSaved = false;
  }

  /** Whether a record of this stream stands after the place in the log where the line was begun. */
  private wasEnded(ino: number, size: number): boolean {
    const mark = `","stream":"${this.stream}",`;
    for (const age of [0, 1]) {
      const path = rotatedPath(this.logPath, age);
      const found = statSync(path, { throwIfNoEntry: false });
      if (found?.ino === ino) return found.size < size || contains(path, size, mark);
      if (found !== undefined && contains(path, 0, mark)) return true;
    }
    // the log is another one
    return true;
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
    if (this.length === 0) rmSync(this.path, { force: true });
  }
}

function contains(path: string, from: number, mark: string): boolean {
  const fd = openSync(path, "r");
  try {
    const block = Buffer.alloc(1 << 20);
    for (let at = from; ; ) {
      const read = readSync(fd, block, 0, block.length, at);
      if (block.subarray(0, read).includes(mark)) return true;
      if (read < block.length) return false;
      at += read - mark.length;
    }
  } finally {
    closeSync(fd);
  }
}
