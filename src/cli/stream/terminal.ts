// The user's terminal while a container has it: raw mode, put back on every way out, and its size.
import { spawnSync } from "node:child_process";
import { constants } from "node:os";
import type { Console } from "../console.ts";

/** Would end us without a word, and leave the terminal as it is. */
const ENDING: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM"];

/** Switches stdin to raw mode; the returned function undoes it and may be called more than once. Signals that nobody passes on end us. */
export function enterRawMode({ signalsPassedOn = false } = {}): () => void {
  const stdin = process.stdin;
  if (!stdin.isTTY) return () => undefined;
  let raw = true;
  stdin.setRawMode(true);
  stty("-opost"); // setRawMode leaves output processing on: the container's own terminal has done it already
  const leave = () => {
    if (raw) {
      stty("opost");
      stdin.setRawMode(false);
    }
    raw = false;
    for (const [signal, handler] of handlers) process.off(signal, handler);
    process.off("exit", leave);
  };
  const handlers = (signalsPassedOn ? [] : ENDING).map((signal) => [signal, () => endBySignal(signal)] as const);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  process.on("exit", leave);
  return leave;
}

function stty(setting: string): void {
  spawnSync("stty", [setting], { stdio: ["inherit", "ignore", "ignore"] });
}

function endBySignal(signal: NodeJS.Signals): never {
  process.exit(128 + constants.signals[signal]);
}

/** Calls back with the size now and after every change; the returned function stops that. */
export function followSize(console: Console, tell: (size: { columns: number; rows: number }) => void): () => void {
  const report = () => {
    const size = console.size("out");
    if (size) tell(size);
  };
  process.on("SIGWINCH", report);
  report();
  return () => void process.off("SIGWINCH", report);
}
