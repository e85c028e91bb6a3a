// `network inspect`.
import { atLeast, type Command } from "../../command.ts";
import { inspectObjects } from "../../inspect/inspect.ts";
import { segment } from "../../short-id.ts";

export const command: Command = {
  args: atLeast(1),
  completes: "networks",
  flags: `
-f, --format string  {inspect}
-v, --verbose  Verbose output for diagnostics
`,
  run: (cli, { args, flags }) =>
    inspectObjects(cli, args, flags.text("format"), async (name) =>
      (await cli.client().open("GET", `/networks/${segment(name)}`, { query: { verbose: flags.bool("verbose") || undefined } })).text(),
    ),
};
