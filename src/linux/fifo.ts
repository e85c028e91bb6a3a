// Named pipes as a container's streams: made, read as they fill, written without ever blocking this program.
import { closeSync, constants, openSync, rmSync, writeSync } from "node:fs";
import { dlopen, FFIType } from "bun:ffi";
import type { FileCalls } from "./file-calls.ts";

const S_IFIFO = 0o010000;
const F_SETPIPE_SZ = 1031;
const RETRY_MS = 2;

export function makeFifo(calls: FileCalls, path: string): void {
  rmSync(path, { force: true });
  calls.mknod(Buffer.from(`${path}\0`), S_IFIFO | 0o600, 0, 0);
}

export interface FifoReader {
  /** Chunks as they come; ends when the last writer has closed. Begin once a writer has opened it. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Call after `chunks` has begun where the last writer may have gone before it was opened: then that is noticed too. */
  nudge(): void;
  close(): void;
}

/** Opens at once, whether or not there is a writer. */
export function openFifoReader(path: string, sizeBytes: number): FifoReader {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  setPipeSize(fd, sizeBytes);
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    // Bun leaves the descriptor open, but must not wait on one that is closed
    if (reader === undefined) closeSync(fd);
    else void reader.cancel().finally(() => closeSync(fd));
  };
  return {
    async *chunks() {
      // net.Socket does not read a FIFO in Bun; this does, with readiness from the kernel
      reader = Bun.file(fd).stream().getReader() as unknown as ReadableStreamDefaultReader<Uint8Array>;
      while (open) {
        const { done, value } = await reader.read();
        if (done) break;
        yield value;
      }
      if (open) {
        open = false;
        closeSync(fd);
      }
    },
    nudge() {
      // to this reader the pipe never had a writer, so the kernel does not tell of its end; a writer that comes and goes makes it
      if (open) closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
    },
    close,
  };
}

export interface FifoWriter {
  /** Resolves when all is in the pipe. */
  write(bytes: Uint8Array): Promise<void>;
  close(): void;
}

/** Opened for both ways, so that it opens without a reader and a reader that goes does not break it. */
export function openFifoWriter(path: string): FifoWriter {
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  let open = true;
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length && open; ) {
        try {
          at += writeSync(fd, bytes, at, bytes.length - at);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      }
    },
    close() {
      if (open) closeSync(fd);
      open = false;
    },
  };
}

type SetSize = (fd: number, command: number, sizeBytes: number) => number;
/** One for all: what dlopen makes takes its time, and is never given back. */
let fcntl: SetSize | undefined;

function setPipeSize(fd: number, sizeBytes: number): void {
  fcntl ??= dlopen("libc.so.6", { fcntl: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 } }).symbols.fcntl;
  // a limit of the system may forbid it; the usual size does as well, only slower
  fcntl(fd, F_SETPIPE_SZ, sizeBytes);
}
