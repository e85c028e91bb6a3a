// A local file as a stream of bytes, opened at once so that a missing one is told before anything is sent.
import { closeSync, openSync, readSync } from "node:fs";
import { failure } from "./failure.ts";

const PIECE_BYTES = 256 * 1024;

export function readSource(path: string): AsyncIterable<Uint8Array> {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === "EACCES" ? "permission denied" : "no such file or directory";
    throw failure(`open ${path}: ${reason}`);
  }
  return readPieces(fd, path);
}

async function* readPieces(fd: number, path: string): AsyncIterable<Uint8Array> {
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      const length = readSync(fd, piece, 0, PIECE_BYTES, null);
      if (length === 0) return;
      yield piece.subarray(0, length);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EISDIR") throw failure(`read ${path}: is a directory`);
    throw error;
  } finally {
    closeSync(fd);
  }
}
