// Questions to the user. Answers come from stdin even when it is no terminal; the end of input means no.
import type { Cli } from "./context.ts";

/** `message [y/N] `; only y or Y is a yes. Nothing may listen for signals meanwhile: while a line is read only their default ends us. */
export function confirm(cli: Cli, message: string): boolean {
  cli.console.out(`${message} [y/N] `);
  return cli.console.readLine().toLowerCase() === "y";
}
