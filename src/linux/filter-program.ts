// A program as a filter: bytes in, bytes out.
import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

export interface FilterProgram {
  input: Writable;
  output: Readable;
  /** Rejects with the program's own words when it fails. */
  done: Promise<void>;
}

export function startFilter(command: string, args: readonly string[]): FilterProgram {
  const child = spawn(command, [...args], { stdio: ["pipe", "pipe", "pipe"] });
  let words = "";
  child.stderr.on("data", (bytes: Buffer) => {
    if (words.length < 4096) words += bytes.toString();
  });
  // a program that ends early breaks the pipe; why it ended is told by `done`
  child.stdin.on("error", () => undefined);
  const done = new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(words.trim() || `${command} ended with ${code}`))));
  });
  done.catch(() => undefined);
  return { input: child.stdin, output: child.stdout, done };
}
