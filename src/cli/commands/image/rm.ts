// `image rm`, `rmi`.
import { atLeast, type Command } from "../../command.ts";
import { isNotFound, joinFailures, textOf } from "../../failure.ts";
import { imagePath } from "../../short-id.ts";
import type { ImageDeleteItem } from "../../../wire/docker.ts";
import { dryRun } from "../../removal/dry-run.ts";
import { expandNames } from "../../removal/expand-names.ts";
import { platformQuery } from "../../platform.ts";

export const command: Command = {
  args: atLeast(1),
  completes: "images",
  flags: `
-f, --force  Force removal of the image
--no-prune  Do not delete untagged parents
--platform strings  Remove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")
+--all-tags  Remove every tag of the repositories or images named
+--dry-run  Show what would be removed and freed, and remove nothing
+--format string  Format the dry run: 'table', 'json' or a template
`,
  async run(cli, { args, flags }) {
    const force = flags.bool("force");
    const names = await expandNames(cli, args, flags.bool("all-tags"));
    const noPrune = flags.bool("no-prune");
    if (flags.bool("dry-run")) return dryRun(cli, { verb: "rmi", names, options: { force, noprune: noPrune } }, flags.text("format"));
    const platforms = flags.list("platform").flatMap((list) => list.split(",")).map((platform) => platformQuery(platform)).filter((platform) => platform !== undefined);
    const errors: unknown[] = [];
    for (const name of names) {
      try {
        const items = await cli.client().json<ImageDeleteItem[]>("DELETE", `/images/${imagePath(name)}`, { query: { force: force || undefined, noprune: noPrune || undefined, platforms } });
        for (const { Deleted, Untagged } of items) cli.console.out(Deleted ? `Deleted: ${Deleted}\n` : `Untagged: ${Untagged}\n`);
      } catch (error) {
        errors.push(error);
      }
    }
    if (force && errors.every(isNotFound)) cli.console.err(errors.map((error) => `${textOf(error)}\n`).join(""));
    else joinFailures(errors);
    return 0;
  },
};
