// The three standard streams of the process. Output is written synchronously: it stays in order, and a short command
// pays neither for Node's stream machinery at its start nor for draining it at its end.
import { fstatSync, readSync, writeSync } from "node:fs";

export interface Console {
  out(data: string | Uint8Array): void;
  err(data: string | Uint8Array): void;
  /** Everything on stdin, in pieces, until its end. */
  input(): AsyncIterable<Uint8Array>;
  /** One line of stdin without its end, or what there is before EOF. */
  readLine(): string;
  isTerminal(stream: "in" | "out" | "err"): boolean;
  /** Columns and rows of the terminal, if there is one. */
  size(stream?: "in" | "out"): { columns: number; rows: number } | undefined;
}

const FD = { in: 0, out: 1, err: 2 } as const;

export function processConsole(): Console {
  const terminals = new Map<string, boolean>();
  const isTerminal = (stream: "in" | "out" | "err"): boolean => {
    let known = terminals.get(stream);
    if (known === undefined) terminals.set(stream, (known = probeTerminal(FD[stream])));
    return known;
  };
  return {
    out: (data) => writeFully(1, data),
    err: (data) => writeFully(2, data),
    input: () => process.stdin as AsyncIterable<Uint8Array>,
    readLine,
    isTerminal,
    size: (stream = "out") => (isTerminal(stream) ? terminalSize() : undefined),
  };
}

/** Loads node:tty only when the descriptor may be a terminal at all. */
function probeTerminal(fd: number): boolean {
  try {
    if (!fstatSync(fd).isCharacterDevice()) return false;
  } catch {
    return false; // closed: certainly no terminal
  }
  return (require("node:tty") as typeof import("node:tty")).isatty(fd);
}

function terminalSize(): { columns: number; rows: number } | undefined {
  const stream = process.stdout.isTTY ? process.stdout : process.stderr;
  if (!stream.isTTY) return undefined;
  const [columns, rows] = stream.getWindowSize();
  return { columns, rows };
}

function writeFully(fd: number, data: string | Uint8Array): void {
  let bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(fd, bytes));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EAGAIN") pause(2);
      else if (code === "EPIPE") process.exit(141); // the reader has gone: end as SIGPIPE would
      else if (code === "EIO") process.exit(129); // the terminal has gone: end as SIGHUP would
      else return; // a closed descriptor: nobody is listening
    }
  }
}

function pause(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
}

function readLine(): string {
  const bytes: number[] = [];
  const one = Buffer.alloc(1);
  for (;;) {
    try {
      if (readSync(0, one, 0, 1, null) === 0) break;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EAGAIN") {
        pause(10);
        continue;
      }
      break; // EOF on a closed stdin
    }
    if (one[0] === 10) break;
    bytes.push(one[0]!);
  }
  return Buffer.from(bytes).toString().replace(/\r$/, "");
}
