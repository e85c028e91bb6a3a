// Job `pack`: the layer's original tar, byte for byte, from its recipe and unpacked files.
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { fsPath } from "./byte-path.ts";
import { readRecipe } from "./recipe.ts";

const CHUNK = 1 << 18;

export function packLayer(directory: string, confine: (root: string) => void, emit: (bytes: Uint8Array) => void): void {
  const recipeFd = openSync(`${directory}/recipe`, "r");
  const overrides = new Map(JSON.parse(readFileSync(`${directory}/overrides`, "utf8") || "[]") as [string, string][]);
  // files that were moved aside are opened before the root changes; they are few
  const extras = new Map([...overrides].map(([key, name]) => [key, openSync(`${directory}/extra/${name}`, "r")]));
  confine(`${directory}/diff`);
  const buffer = Buffer.alloc(CHUNK);
  let open: { key: string; fd: number } | undefined;
  try {
    for (const part of readRecipe(recipeFd)) {
      if ("raw" in part) {
        emit(part.raw);
        continue;
      }
      let fd = extras.get(part.path);
      if (fd === undefined) {
        if (open?.key !== part.path) {
          if (open !== undefined) closeSync(open.fd);
          open = undefined;
          const cut = part.path.indexOf("\0");
          open = { key: part.path, fd: openSync(fsPath(cut < 0 ? part.path : part.path.slice(0, cut)), "r") };
        }
        fd = open.fd;
      }
      copyRange(fd, part.offset, part.length, buffer, emit);
    }
  } finally {
    if (open !== undefined) closeSync(open.fd);
    for (const fd of extras.values()) closeSync(fd);
    closeSync(recipeFd);
  }
}

/** Exactly `length` bytes from `offset`; a file that is shorter is an error. */
export function copyRange(fd: number, offset: number, length: number, buffer: Buffer, emit: (bytes: Uint8Array) => void): void {
  for (let at = 0; at < length; ) {
    const got = readSync(fd, buffer, 0, Math.min(buffer.length, length - at), offset + at);
    if (got === 0) throw new Error("a file is shorter than it was");
    emit(buffer.subarray(0, got));
    at += got;
  }
}
