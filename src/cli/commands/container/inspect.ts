// `container inspect`.
import { atLeast, type Command } from "../../command.ts";
import { inspectObjects } from "../../inspect/inspect.ts";
import { segment } from "../../short-id.ts";

export const command: Command = {
  args: atLeast(1),
  completes: "containers",
  flags: `
-f, --format string  {inspect}
-s, --size  Display total file sizes
`,
  run: (cli, { args, flags }) =>
    inspectObjects(cli, args, flags.text("format"), async (name) =>
      (await cli.client().open("GET", `/containers/${segment(name)}/json`, { query: { size: flags.bool("size") || undefined } })).text(),
    ),
};
