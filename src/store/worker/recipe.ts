// What is needed to write a layer's tar again from its unpacked files: every byte that is no file's contents, and where
// the contents are. A file of zstd frames, each with its length (u32) before it; inside, records: 0 u32 length, bytes ·
// 1 u16 path length, path, f64 offset, f64 length (contents of a file).
import { closeSync, readSync, writeSync } from "node:fs";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { writeAll } from "./write-all.ts";

const FRAME_BYTES = 1 << 20;
const RAW = 0;
const FILE = 1;

export type RecipePart = { raw: Buffer } | { path: string; offset: number; length: number };

export class RecipeWriter {
  private parts: Buffer[] = [];
  private bytes = 0;
  private raw: Buffer[] = [];
  private rawBytes = 0;

  constructor(private readonly fd: number) {}

  addRaw(bytes: Uint8Array): void {
    // the caller may use its memory again
    this.raw.push(Buffer.from(bytes));
    this.rawBytes += bytes.length;
    if (this.rawBytes > FRAME_BYTES) this.flushRaw();
  }

  /** `path` is a byte string. */
  addFile(path: string, offset: number, length: number): void {
    this.flushRaw();
    const name = Buffer.from(path, "latin1");
    const head = Buffer.alloc(3 + name.length + 16);
    head[0] = FILE;
    head.writeUInt16LE(name.length, 1);
    name.copy(head, 3);
    head.writeDoubleLE(offset, 3 + name.length);
    head.writeDoubleLE(length, 11 + name.length);
    this.add(head);
  }

  finish(): void {
    this.flushRaw();
    this.flush();
    closeSync(this.fd);
  }

  private flushRaw(): void {
    if (this.rawBytes === 0) return;
    const head = Buffer.alloc(5);
    head[0] = RAW;
    head.writeUInt32LE(this.rawBytes, 1);
    this.add(head, ...this.raw);
    this.raw = [];
    this.rawBytes = 0;
  }

  private add(...parts: Buffer[]): void {
    for (const part of parts) {
      this.parts.push(part);
      this.bytes += part.length;
    }
    if (this.bytes >= FRAME_BYTES) this.flush();
  }

  private flush(): void {
    if (this.bytes === 0) return;
    const packed = zstdCompressSync(Buffer.concat(this.parts));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(packed.length);
    writeAll(this.fd, length, writeSync);
    writeAll(this.fd, packed, writeSync);
    this.parts = [];
    this.bytes = 0;
  }
}

/** The parts in order. Records never cross a frame's end. */
export function* readRecipe(fd: number): Generator<RecipePart> {
  const length = Buffer.alloc(4);
  while (readSync(fd, length, 0, 4, null) === 4) {
    const packed = Buffer.alloc(length.readUInt32LE());
    for (let at = 0; at < packed.length; ) {
      const got = readSync(fd, packed, at, packed.length - at, null);
      if (got === 0) throw new Error("recipe is cut off");
      at += got;
    }
    yield* recordsOf(Buffer.from(zstdDecompressSync(packed)));
  }
}

function* recordsOf(frame: Buffer): Generator<RecipePart> {
  let at = 0;
  while (at < frame.length) {
    if (frame[at] === RAW) {
      const length = frame.readUInt32LE(at + 1);
      yield { raw: frame.subarray(at + 5, at + 5 + length) };
      at += 5 + length;
    } else {
      const nameLength = frame.readUInt16LE(at + 1);
      const path = frame.toString("latin1", at + 3, at + 3 + nameLength);
      yield { path, offset: frame.readDoubleLE(at + 3 + nameLength), length: frame.readDoubleLE(at + 11 + nameLength) };
      at += 3 + nameLength + 16;
    }
  }
}
