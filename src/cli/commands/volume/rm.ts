// `volume rm`.
import { atLeast, type Command } from "../../command.ts";
import { joinFailures } from "../../failure.ts";
import { segment } from "../../short-id.ts";

export const command: Command = {
  args: atLeast(1),
  long: "Remove one or more volumes. You cannot remove a volume that is in use by a container.",
  completes: "volumes",
  flags: `
-f, --force  Force the removal of one or more volumes
`,
  async run(cli, { args, flags }) {
    const errors: unknown[] = [];
    for (const name of args) {
      try {
        await cli.client().json("DELETE", `/volumes/${segment(name, "volume")}`, { query: { force: flags.bool("force") || undefined } });
        cli.console.out(`${name}\n`);
      } catch (error) {
        errors.push(error);
      }
    }
    joinFailures(errors);
  },
};
