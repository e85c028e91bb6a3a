// `context use`.
import { exactArgs, type Command } from "../../command.ts";
import { checkContextName } from "../../context-store.ts";

export const command: Command = {
  args: exactArgs(1),
  completes: "contexts",
  async run(cli, { args }) {
    const [name = ""] = args;
    if (name !== "default") {
      checkContextName(name);
      cli.contexts().get(name);
    }
    const config = cli.config();
    config.set("currentContext", name === "default" ? undefined : name);
    config.save();
    cli.console.out(`${name}\n`);
    cli.console.err(`Current context is now ${JSON.stringify(name)}\n`);
    const variable = ["BERTH_HOST", "DOCKER_HOST"].find((key) => cli.env[key]);
    if (name !== "default" && variable !== undefined) {
      cli.console.err(`Warning: ${variable} environment variable overrides the active context. To use ${JSON.stringify(name)}, either set the global --context flag, or unset ${variable} environment variable.\n`);
    }
  },
};
