// `image save`.
import { atLeast, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";
import { saveBody } from "../../save-body.ts";
import { platformQuery } from "../../platform.ts";

export const command: Command = {
  args: atLeast(1),
  completes: "images",
  flags: `
-o, --output string  Write to a file, instead of STDOUT
--platform string  Save only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")
`,
  async run(cli, { args, flags }) {
    const output = flags.text("output");
    if (output === "" && cli.console.isTerminal("out")) throw failure("cowardly refusing to save to a terminal. Use the -o flag or redirect");
    const platforms = flags.list("platform").flatMap((list) => list.split(",")).map((platform) => platformQuery(platform, "invalid platform: ")).filter((platform) => platform !== undefined);
    await saveBody(cli, output, "failed to save image", () => cli.client().open("GET", "/images/get", { query: { names: args, platform: platforms } }));
  },
};
