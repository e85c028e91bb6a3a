// `network disconnect`.
import { exactly, type Command } from "../../command.ts";
import { segment } from "../../short-id.ts";

export const command: Command = {
  args: exactly(2),
  completes: "networks",
  flags: `
-f, --force  Force the container to disconnect from a network
`,
  async run(cli, { args: [network = "", container = ""], flags }) {
    await cli.client().json("POST", `/networks/${segment(network)}/disconnect`, { body: { Container: container, Force: flags.bool("force") } });
  },
};
