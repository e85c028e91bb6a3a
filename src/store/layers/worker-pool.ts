// Workers of the daemon: processes that pack and unpack in a chroot. Idle ones are kept a little while, since many
// layers are small and a process start is not.
import { once } from "node:events";
import { cancelled, EngineError, internal } from "../../base/errors.ts";
import { type Child, startChild } from "../../linux/child.ts";
import { FRAME, frameHeader, readFrames, type WorkerFrame } from "../worker/frames.ts";
import type { Job, JobError } from "../worker/jobs.ts";

const KEPT_IDLE = 2;
const IDLE_MS = 5_000;

export interface JobRun {
  /** The job's stream. */
  input?: AsyncIterable<Uint8Array>;
  signal?: AbortSignal | undefined;
}

interface Worker {
  child: Child;
  frames: AsyncGenerator<WorkerFrame>;
  idleTimer?: NodeJS.Timeout;
}

export class WorkerPool {
  private readonly idle: Worker[] = [];
  private closed = false;

  constructor(private readonly command: readonly string[]) {}

  /** Runs a job to its end. Fails with what the job says; a worker that dies is `internal`; an aborted one is killed. */
  async run<R>(job: Job, run: JobRun = {}): Promise<R> {
    const iterator = this.stream<R>(job, run);
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return next.value;
    }
  }

  /** Runs a job that gives bytes; its result is the generator's return value. */
  async *stream<R>(job: Job, { input, signal }: JobRun = {}): AsyncGenerator<Uint8Array, R> {
    throwIfAborted(signal);
    const worker = this.take();
    const abort = (): void => worker.child.kill();
    signal?.addEventListener("abort", abort, { once: true });
    const feeding = new AbortController();
    let fed: Promise<void> = Promise.resolve();
    let whole = false;
    try {
      const text = Buffer.from(JSON.stringify(job));
      worker.child.input.write(Buffer.concat([frameHeader(FRAME.job, text.length), text]));
      fed = feed(worker, input, feeding.signal);
      // a source that fails ends the job: the worker must not take what came for the whole
      fed.catch(() => worker.child.kill());
      for (;;) {
        const next = await worker.frames.next();
        if (next.done === true) {
          throwIfAborted(signal);
          // what broke the source is the reason, if it did
          await fed;
          await worker.child.ended;
          throw internal(`worker ended early: ${worker.child.words()}`);
        }
        const { kind, bytes } = next.value;
        if (kind === FRAME.data) {
          yield bytes;
          continue;
        }
        feeding.abort();
        await fed;
        // one that failed while it wrote may still hold files open, and their bytes
        whole = kind !== FRAME.error || input === undefined;
        if (kind === FRAME.error) throw errorOf(JSON.parse(bytes.toString()) as JobError);
        return JSON.parse(bytes.toString()) as R;
      }
    } finally {
      signal?.removeEventListener("abort", abort);
      feeding.abort();
      if (whole) this.giveBack(worker);
      else worker.child.kill();
    }
  }

  close(): void {
    this.closed = true;
    for (const worker of this.idle.splice(0)) this.end(worker);
  }

  private take(): Worker {
    const kept = this.idle.pop();
    if (kept !== undefined) {
      clearTimeout(kept.idleTimer);
      return kept;
    }
    const child = startChild(this.command);
    const worker: Worker = { child, frames: readFrames(child.output as AsyncIterable<Uint8Array>) };
    void child.ended.then(() => {
      const at = this.idle.indexOf(worker);
      if (at >= 0) this.idle.splice(at, 1);
    });
    return worker;
  }

  private giveBack(worker: Worker): void {
    if (this.closed || this.idle.length >= KEPT_IDLE) return this.end(worker);
    this.idle.push(worker);
    worker.idleTimer = setTimeout(() => {
      const at = this.idle.indexOf(worker);
      if (at >= 0) this.idle.splice(at, 1);
      this.end(worker);
    }, IDLE_MS);
    worker.idleTimer.unref();
  }

  private end(worker: Worker): void {
    clearTimeout(worker.idleTimer);
    worker.child.input.end();
  }
}

async function feed(worker: Worker, input: AsyncIterable<Uint8Array> | undefined, stop: AbortSignal): Promise<void> {
  const { child } = worker;
  if (input !== undefined) {
    for await (const bytes of input) {
      if (stop.aborted) break;
      if (bytes.length === 0) continue;
      child.input.write(frameHeader(FRAME.data, bytes.length));
      if (!child.input.write(bytes)) await Promise.race([once(child.input, "drain", { signal: stop }).catch(() => undefined), child.ended]);
    }
  }
  child.input.write(frameHeader(FRAME.end, 0));
}

function errorOf({ kind, message, code }: JobError): EngineError {
  return new EngineError(kind, message, code === undefined ? {} : { code });
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled("context canceled");
}
