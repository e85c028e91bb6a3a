// A client's session with a process's streams: which of them it wants, detach keys, and how it ends.
import type { AttachStreams } from "../../runtime/runtime.ts";
import { DetachWatch } from "./detach-keys.ts";
import type { OutputChunk, StreamSession } from "./stream-session.ts";

export interface SessionOptions {
  tty: boolean;
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  /** When the client's input ends the process's does too; otherwise the session ends. */
  endsStdin: boolean;
  detachKeys: readonly number[];
  /** What was written before, given first. */
  before?: AsyncIterable<OutputChunk>;
  onDetach(): void;
  /** Awaited between the last output and the session's end. */
  settled?: () => Promise<void>;
}

/** `streams` may come later; undefined: they never come, and the session ends. */
export function openSession(streams: Promise<AttachStreams | undefined>, options: SessionOptions): StreamSession {
  const { tty } = options;
  let over = (): void => undefined;
  const ended = new Promise<void>((resolve) => (over = resolve));
  const close = (): void => {
    over();
    void streams.then((made) => made?.close());
  };
  const session: StreamSession = { tty, output: outputOf(streams, ended, options), close };
  if (options.stdin) session.stdin = stdinOf(streams, options, close);
  return session;
}

async function* outputOf(streams: Promise<AttachStreams | undefined>, ended: Promise<void>, { tty, stdout, stderr, before, settled }: SessionOptions): AsyncGenerator<OutputChunk> {
  if (before !== undefined) yield* before;
  const made = await Promise.race([streams, ended]);
  if (!made) return;
  const iterator = made.output[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), ended]);
      if (!next) return;
      if (next.done === true) {
        await Promise.race([settled?.(), ended]);
        return;
      }
      const isWanted = next.value.stream === 1 ? stdout : stderr && !tty;
      if (isWanted) yield next.value;
    }
  } finally {
    made.close();
  }
}

function stdinOf(streams: Promise<AttachStreams | undefined>, { tty, endsStdin, detachKeys, onDetach }: SessionOptions, close: () => void): NonNullable<StreamSession["stdin"]> {
  const watch = tty ? new DetachWatch(detachKeys) : undefined;
  let isOver = false;
  return {
    async write(bytes) {
      if (isOver) return;
      const { pass, detached } = watch?.take(bytes) ?? { pass: bytes, detached: false };
      const made = await streams;
      if (pass.length > 0) await made?.stdin?.write(pass);
      if (!detached) return;
      isOver = true;
      onDetach();
      close();
    },
    end() {
      if (isOver) return;
      isOver = true;
      if (endsStdin && !tty) void streams.then((made) => made?.stdin?.end());
      else close();
    },
  };
}
