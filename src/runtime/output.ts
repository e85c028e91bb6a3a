// One process's output: read from its FIFOs, put into the log in the same step, handed to whoever is attached.
import { openFifoReader, type FifoReader } from "../linux/fifo.ts";
import type { LogFile } from "./log-file.ts";
import type { AttachStreams } from "./runtime.ts";

const PIPE_BYTES = 1 << 20;
/** An attached client that is so far behind holds the process up, as a full pipe would. */
const MAX_BEHIND_BYTES = 1 << 20;

export interface OutputChunk {
  stream: 1 | 2;
  bytes: Uint8Array;
}

export class Output {
  private readonly clients = new Set<Client>();
  private readonly readers: { stream: 1 | 2; fifo: FifoReader }[];
  private reading: Promise<void>[] = [];
  private isOver = false;
  /** Resolves when every stream has ended and is in the log. */
  readonly ended: Promise<void>;
  private end: () => void = () => undefined;

  constructor(
    fifos: { stdout: string; stderr: string },
    private readonly log: LogFile | undefined,
  ) {
    this.readers = [{ stream: 1 as const, fifo: openFifoReader(fifos.stdout, PIPE_BYTES) }];
    if (fifos.stderr !== "") this.readers.push({ stream: 2, fifo: openFifoReader(fifos.stderr, PIPE_BYTES) });
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  /** Call once the writers have opened their ends; `again` where they may have closed them already. */
  begin({ again = false } = {}): void {
    this.reading = this.readers.map(({ stream, fifo }) => this.pump(stream, fifo));
    if (again) for (const { fifo } of this.readers) fifo.nudge();
    void Promise.all(this.reading).then(() => this.finish());
  }

  /** Gives up what has not come yet: something else holds the streams open, or there will be none. */
  close(): void {
    for (const { fifo } of this.readers) fifo.close();
    this.finish();
  }

  attach(): Pick<AttachStreams, "output" | "close"> {
    const client = new Client();
    if (this.isOver) client.end();
    else this.clients.add(client);
    const close = (): void => {
      client.end();
      client.drop();
      this.clients.delete(client);
    };
    return { output: client.chunks(close), close };
  }

  private async pump(stream: 1 | 2, fifo: FifoReader): Promise<void> {
    for await (const bytes of fifo.chunks()) {
      if (this.isOver) return;
      // read and written in one step: a daemon that is killed loses nothing that it has read
      this.log?.append(stream === 1 ? "stdout" : "stderr", bytes);
      for (const client of this.clients) client.push({ stream, bytes });
      for (const client of this.clients) if (client.behindBytes > MAX_BEHIND_BYTES) await client.room();
    }
  }

  private finish(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.log?.flushPartial();
    for (const client of this.clients) client.end();
    this.clients.clear();
    this.end();
  }
}

/** What one attached client has still to take. */
class Client {
  private queue: OutputChunk[] = [];
  private wake: (() => void) | undefined;
  private roomy: (() => void)[] = [];
  private over = false;
  behindBytes = 0;

  push(chunk: OutputChunk): void {
    this.queue.push(chunk);
    this.behindBytes += chunk.bytes.length;
    this.wake?.();
  }

  end(): void {
    this.over = true;
    this.wake?.();
  }

  drop(): void {
    this.queue = [];
    this.behindBytes = 0;
    this.release();
  }

  room(): Promise<void> {
    return this.behindBytes <= MAX_BEHIND_BYTES ? Promise.resolve() : new Promise((resolve) => this.roomy.push(resolve));
  }

  async *chunks(close: () => void): AsyncGenerator<OutputChunk> {
    try {
      for (;;) {
        const chunk = this.queue.shift();
        if (chunk !== undefined) {
          this.behindBytes -= chunk.bytes.length;
          if (this.behindBytes <= MAX_BEHIND_BYTES) this.release();
          yield chunk;
        } else if (this.over) return;
        else {
          await new Promise<void>((resolve) => (this.wake = resolve));
          this.wake = undefined;
        }
      }
    } finally {
      close();
    }
  }

  private release(): void {
    for (const resolve of this.roomy.splice(0)) resolve();
  }
}
