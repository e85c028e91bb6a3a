// `volume inspect`.
import { atLeast, type Command } from "../../command.ts";
import { inspectObjects } from "../../inspect/inspect.ts";
import { segment } from "../../short-id.ts";

export const command: Command = {
  args: atLeast(1),
  completes: "volumes",
  flags: `
-f, --format string  {inspect}
`,
  run: (cli, { args, flags }) => inspectObjects(cli, args, flags.text("format"), async (name) => (await cli.client().open("GET", `/volumes/${segment(name)}`)).text()),
};
