// `apply`: carries out a plan that was shown, the whole of it or nothing.
import { exactly, type Command } from "../../command.ts";
import { segment } from "../../short-id.ts";
import { humanSize } from "../../units.ts";
import { onlyOurs } from "../../removal/only-ours.ts";
import type { PlannedObject } from "../../removal/plan.ts";

interface Applied {
  removed: readonly PlannedObject[];
  freedBytes: number;
}

export const command: Command = {
  args: exactly(1),
  flags: `
-q, --quiet  Only say how much was freed
`,
  async run(cli, { args, flags }) {
    const applied = await onlyOurs(cli, "apply", () => cli.client().json<Applied>("POST", `/berth/v1/plan/${segment(args[0]!)}/apply`));
    if (!flags.bool("quiet")) cli.console.out(applied.removed.map((object) => `${lineOf(object)}\n`).join(""));
    cli.console.out(`Total reclaimed space: ${humanSize(applied.freedBytes)}\n`);
  },
};

/** Names and images in Docker's words. */
function lineOf({ kind, id, name }: PlannedObject): string {
  if (kind === "tag") return `Untagged: ${name}`;
  return kind === "image" ? `Deleted: ${id}` : `Deleted ${kind}: ${name}`;
}
