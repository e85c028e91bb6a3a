// `container rm`, `rm`.
import { atLeast, type Command } from "../../command.ts";
import { failure, isNotFound } from "../../failure.ts";
import { segment } from "../../short-id.ts";
import { forEachName } from "./for-each.ts";
import { dryRun } from "../../removal/dry-run.ts";

export const command: Command = {
  args: atLeast(1),
  completes: "containers",
  flags: `
-f, --force  Force the removal of a running container (uses SIGKILL)
-l, --link  Remove the specified link
-v, --volumes  Remove anonymous volumes associated with the container
+--dry-run  Show what would be removed and freed, and remove nothing
+--format string  Format the dry run: 'table', 'json' or a template
`,
  async run(cli, { args, flags }) {
    if (flags.bool("dry-run")) return dryRun(cli, { verb: "rm", names: args, options: { force: flags.bool("force"), volumes: flags.bool("volumes") } }, flags.text("format"));
    const query = { force: flags.bool("force") || undefined, v: flags.bool("volumes") || undefined, link: flags.bool("link") || undefined };
    const remove = async (name: string) => {
      const bare = name.replace(/^\/+|\/+$/g, "");
      if (bare === "") throw failure("container name cannot be empty");
      await cli.client().json("DELETE", `/containers/${segment(bare)}`, { query });
    };
    await forEachName(cli, args, remove, { forgives: (error) => flags.bool("force") && isNotFound(error) });
    return 0;
  },
};
