// `context rm`.
import { atLeast, type Command } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { contextName } from "../../endpoint.ts";
import { failure, textOf } from "../../failure.ts";

export const command: Command = {
  args: atLeast(1),
  completes: "contexts",
  flags: `
-f, --force  Force the removal of a context in use
`,
  async run(cli, { args, flags }) {
    const errors: string[] = [];
    const current = contextName(cli);
    for (const name of args) {
      try {
        if (name === "default") throw failure('context "default" cannot be removed');
        removeContext(cli, name, name === current, flags.bool("force"));
        cli.console.out(`${name}\n`);
      } catch (error) {
        errors.push(textOf(error));
      }
    }
    if (errors.length > 0) throw failure(errors.join("\n"));
  },
};

function removeContext(cli: Cli, name: string, isCurrent: boolean, force: boolean): void {
  if (!force && !cli.contexts().find(name)) throw failure(`context ${JSON.stringify(name)} does not exist`);
  if (isCurrent) {
    if (!force) throw failure(`context ${JSON.stringify(name)} is in use, set -f flag to force remove`);
    const config = cli.config();
    config.set("currentContext", undefined);
    config.save();
  }
  cli.contexts().remove(name);
}
