// Questions to the user. Answers come from stdin even when it is no terminal; the end of input means no.
import type { Cli } from "./context.ts";

/** `message [y/N] `; only y or Y is a yes. */
export function confirm(cli: Cli, message: string): boolean {
  const interrupted = () => {
    cli.console.out("\n");
    process.exit(130);
  };
  process.once("SIGINT", interrupted);
  process.once("SIGTERM", interrupted);
  try {
    cli.console.out(`${message} [y/N] `);
    return cli.console.readLine().toLowerCase() === "y";
  } finally {
    process.off("SIGINT", interrupted);
    process.off("SIGTERM", interrupted);
  }
}
