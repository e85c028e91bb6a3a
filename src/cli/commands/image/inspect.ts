// `image inspect`.
import { atLeast, type Command } from "../../command.ts";
import { inspectObjects } from "../../inspect/inspect.ts";
import { imagePath } from "../../short-id.ts";
import { platformQuery } from "../../platform.ts";

export const command: Command = {
  args: atLeast(1),
  completes: "images",
  flags: `
-f, --format string  {inspect}
--platform string  Inspect a specific platform of the multi-platform image.
  If the image or the server is not multi-platform capable, the command will error out if the platform does not match.
  'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)
`,
  run(cli, { args, flags }) {
    const platform = platformQuery(flags.text("platform"));
    return inspectObjects(cli, args, flags.text("format"), async (name) => (await cli.client().open("GET", `/images/${imagePath(name)}/json`, { query: { platform } })).text());
  },
};
