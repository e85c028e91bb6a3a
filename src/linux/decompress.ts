// Finds a stream's compression by its first bytes and undoes it.
import type { Writable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { startFilter } from "./filter-program.ts";

export type Compression = "none" | "gzip" | "zstd" | "xz" | "bzip2";

const MAGIC: readonly [Compression, readonly number[]][] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["bzip2", [0x42, 0x5a, 0x68]],
];
const LONGEST = 6;
const CHUNK = 1 << 18;

export function compressionOf(head: Uint8Array): Compression {
  return MAGIC.find(([, magic]) => magic.every((byte, index) => head[index] === byte))?.[0] ?? "none";
}

/** `opened` is called before the first byte is given on, once any helper program runs (the caller may chroot then). */
export async function* decompress(source: AsyncIterable<Uint8Array>, opened: (compression: Compression) => void): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  let ended = false;
  while (head.length < LONGEST && !ended) {
    const next = await iterator.next();
    if (next.done === true) ended = true;
    else head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  const compression = compressionOf(head);
  const whole = rejoin(head, iterator);
  if (compression === "none") {
    opened(compression);
    yield* whole;
    return;
  }
  if (compression === "gzip" || compression === "zstd") {
    opened(compression);
    const stream = compression === "gzip" ? createGunzip({ chunkSize: CHUNK }) : createZstdDecompress({ chunkSize: CHUNK });
    void feed(whole, stream);
    yield* stream as AsyncIterable<Uint8Array>;
    return;
  }
  const filter = startFilter(compression, ["-dc"]);
  opened(compression);
  void feed(whole, filter.input);
  yield* filter.output as AsyncIterable<Uint8Array>;
  await filter.done;
}

/** Writes all of `source`; its error becomes the stream's, and a stream that has ended wants no more. */
async function feed(source: AsyncIterable<Uint8Array>, stream: Writable): Promise<void> {
  let open = true;
  stream.once("close", () => (open = false));
  stream.once("error", () => (open = false));
  try {
    for await (const bytes of source) {
      if (!open) return;
      if (!stream.write(bytes)) await roomIn(stream);
    }
    stream.end();
  } catch (error) {
    stream.destroy(error as Error);
  }
}

function roomIn(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of ["drain", "close", "error"]) stream.off(event, done);
      resolve();
    };
    for (const event of ["drain", "close", "error"]) stream.on(event, done);
  });
}

async function* rejoin(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (;;) {
    const next = await rest.next();
    if (next.done === true) return;
    yield next.value;
  }
}
