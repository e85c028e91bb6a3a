// `network rm`.
import { atLeast, type Command } from "../../command.ts";
import { failure, isNotFound, textOf } from "../../failure.ts";
import { segment } from "../../short-id.ts";
import { printHints } from "../../hint.ts";

export const command: Command = {
  args: atLeast(1),
  completes: "networks",
  flags: `
-f, --force  Do not error if the network does not exist
`,
  async run(cli, { args, flags }) {
    let failed = false;
    for (const name of args) {
      try {
        await cli.client().json("DELETE", `/networks/${segment(name)}`);
        cli.console.out(`${name}\n`);
      } catch (error) {
        if (flags.bool("force") && isNotFound(error)) continue;
        cli.console.err(`${textOf(error)}\n`);
        printHints(cli, error);
        failed = true;
      }
    }
    if (failed) throw failure("exit status 1");
  },
};
