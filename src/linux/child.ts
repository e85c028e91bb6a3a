// A child process of this program that is spoken to through its standard input and output.
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

export interface Child {
  readonly pid: number | undefined;
  readonly input: Writable;
  readonly output: Readable;
  /** Its last words on standard error, bounded. */
  words(): string;
  kill(): void;
  /** Resolves when it has ended, however. */
  readonly ended: Promise<void>;
  /** It alone does not keep this program running. */
  unref(): void;
}

const MAX_WORDS = 8192;

export function startChild(command: readonly string[]): Child {
  const [program = "", ...args] = command;
  const child: ChildProcess = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error("no pipes");
  let words = "";
  stderr.on("data", (bytes: Buffer) => {
    words = (words + bytes.toString()).slice(-MAX_WORDS);
  });
  // why a pipe broke is told by `ended` and `words`
  stdin.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => {
    child.on("error", (error) => {
      words += error.message;
      resolve();
    });
    child.on("close", () => resolve());
  });
  return {
    pid: child.pid,
    input: stdin,
    output: stdout,
    words: () => words.trim(),
    kill: () => void child.kill("SIGKILL"),
    ended,
    unref: () => child.unref(),
  };
}
