// A question whose answer is not shown.
import { spawnSync } from "node:child_process";
import type { Cli } from "./context.ts";

export function askSecret(cli: Cli, question: string): Promise<string> {
  echo(false); // before the question: who types at once is not shown either
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

function restore(): void {
  echo(true);
}

function echo(on: boolean): void {
  spawnSync("stty", [on ? "echo" : "-echo"], { stdio: ["inherit", "ignore", "ignore"] });
}
