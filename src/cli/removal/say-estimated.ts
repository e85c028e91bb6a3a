// Told on stderr wherever what is shown was computed here from a Docker daemon's lists.
import type { Cli } from "../context.ts";

export function sayEstimated(cli: Cli): void {
  cli.console.err("These are estimates: this daemon only lists, it does not plan.\n");
}
