// The files of one log: the current one, `.1` to `.N` before it, each perhaps compressed. Rotation and compression.
import { closeSync, createReadStream, createWriteStream, existsSync, ftruncateSync, openSync, renameSync, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

const MODE = 0o640;

export interface RotationOptions {
  path: string;
  maxFiles: number;
  compress: boolean;
}

export function rotatedPath(path: string, age: number): string {
  return age === 0 ? path : `${path}.${age}`;
}

/** Opens for appending, makes it if need be. */
export function openCurrent(path: string): number {
  return openSync(path, "a+", MODE);
}

/** Ages every file by one, and begins a new one; with one file only it is emptied. `fd` is of the current one; the new one's is given back. */
export function rotate(fd: number, { path, maxFiles }: RotationOptions): number {
  if (maxFiles < 2) {
    ftruncateSync(fd, 0);
    return fd;
  }
  for (const ending of ["", ".gz"]) rmSync(rotatedPath(path, maxFiles - 1) + ending, { force: true });
  for (let age = maxFiles - 2; age >= 0; age--) {
    for (const ending of age === 0 ? [""] : ["", ".gz"]) {
      const from = rotatedPath(path, age) + ending;
      if (existsSync(from)) renameSync(from, rotatedPath(path, age + 1) + ending);
    }
  }
  const next = openCurrent(path);
  closeSync(fd);
  return next;
}

/** Compresses old files one after the other, beside the writing. What a killed daemon left half done is begun again. */
export class Compressor {
  private isRunning = false;
  private isOver = false;
  /** Where the file now is that is being compressed: it ages meanwhile. 0: gone. */
  private age = 0;

  constructor(private readonly options: RotationOptions) {}

  /** Call after each rotation. */
  rotated(): void {
    if (this.age > 0) this.age = this.age + 1 < this.options.maxFiles ? this.age + 1 : 0;
    this.wake();
  }

  wake(): void {
    if (!this.isRunning && !this.isOver && this.options.compress) void this.run();
  }

  close(): void {
    this.isOver = true;
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    try {
      for (let age = this.oldest(); age > 0 && !this.isOver; age = this.oldest()) await this.compress(age);
    } catch {
      // no space, or the log was taken away: an uncompressed file is read as well; the next rotation tries again
    } finally {
      this.isRunning = false;
    }
  }

  private oldest(): number {
    for (let age = this.options.maxFiles - 1; age > 0; age--) if (existsSync(rotatedPath(this.options.path, age))) return age;
    return 0;
  }

  private async compress(age: number): Promise<void> {
    this.age = age;
    const temporary = `${this.options.path}.gz.tmp`;
    try {
      await pipeline(createReadStream(rotatedPath(this.options.path, age)), createGzip(), createWriteStream(temporary, { mode: MODE }));
      if (this.age === 0 || this.isOver) return;
      const plain = rotatedPath(this.options.path, this.age);
      renameSync(temporary, `${plain}.gz`);
      rmSync(plain, { force: true });
    } finally {
      this.age = 0;
      rmSync(temporary, { force: true });
    }
  }
}
