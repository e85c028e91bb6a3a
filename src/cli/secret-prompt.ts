// A question whose answer is not shown.
import { spawnSync } from "node:child_process";
import type { Cli } from "./context.ts";

export function askSecret(cli: Cli, question: string): Promise<string> {
  const before = stty("-g");
  const restore = () => void stty(before === "" ? "echo" : before);
  // before the question: who types at once is not shown either; and Ctrl-\ would end us with the echo off
  stty("-echo", "quit", "undef");
  cli.console.out(question);
  process.once("exit", restore);
  try {
    return Promise.resolve(cli.console.readLine());
  } finally {
    process.off("exit", restore);
    restore();
    cli.console.out("\n");
  }
}

function stty(...settings: readonly string[]): string {
  const { stdout } = spawnSync("stty", settings, { stdio: ["inherit", "pipe", "ignore"], encoding: "utf8" });
  return (stdout ?? "").trim();
}
