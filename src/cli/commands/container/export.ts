// `container export`.
import { exactly, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";
import { saveBody } from "../../save-body.ts";
import { segment } from "../../short-id.ts";

export const command: Command = {
  args: exactly(1),
  completes: "containers",
  flags: `
-o, --output string  Write to a file, instead of STDOUT
`,
  async run(cli, { args, flags }) {
    const output = flags.text("output");
    if (output === "" && cli.console.isTerminal("out")) throw failure("cowardly refusing to save to a terminal. Use the -o flag or redirect");
    await saveBody(cli, output, "failed to export container", async () => cli.client().open("GET", `/containers/${segment(args[0]!)}/export`));
  },
};
