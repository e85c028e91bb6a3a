// Writes every byte, whatever the file descriptor takes at a time.

type Write = (fd: number, bytes: Uint8Array, offset: number, length: number) => number;

/** Pipes may be non-blocking: then it waits a little and goes on. */
export function writeAll(fd: number, bytes: Uint8Array, write: Write): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += write(fd, bytes, at, bytes.length - at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
