// One process's standard input: shared by all that are attached, closed once.
import { type FifoWriter, openFifoWriter } from "../linux/fifo.ts";
import type { AttachStreams } from "./runtime.ts";

export class Stdin {
  private readonly fifo: FifoWriter;
  private last: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(
    path: string,
    /** `stdinOnce`: the first client that ends ends it for all. */
    private readonly once: boolean,
    /** Tells the shim that no more will come. */
    private readonly closeIo: () => Promise<void>,
  ) {
    this.fifo = openFifoWriter(path);
  }

  /** What one attached client writes to. */
  client(): NonNullable<AttachStreams["stdin"]> {
    return {
      write: (bytes) => this.inTurn(() => this.fifo.write(bytes)),
      end: () => {
        if (this.once) void this.inTurn(() => this.end());
      },
    };
  }

  /** Gives up the pipe without a word to the process (it has ended). */
  close(): void {
    this.closed = true;
    this.fifo.close();
  }

  private async end(): Promise<void> {
    if (this.closed) return;
    this.close();
    // the process may have ended meanwhile
    await this.closeIo().catch(() => undefined);
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    this.last = this.last.then(() => (this.closed ? undefined : work()));
    return this.last;
  }
}
