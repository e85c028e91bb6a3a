// `context show`.
import { noArguments, type Command } from "../../command.ts";
import { contextName } from "../../endpoint.ts";

export const command: Command = {
  args: noArguments,
  async run(cli) {
    cli.console.out(`${contextName(cli)}\n`);
  },
};
