// `unpin`.
import { atLeast, type Command } from "../../command.ts";
import { onlyOurs } from "../../removal/only-ours.ts";
import { splitKind } from "../../removal/object-kind.ts";

export const command: Command = {
  args: atLeast(1),
  completes: "objects",
  flags: `
--type string  container, image, network or volume, where the name alone does not say
`,
  async run(cli, { args, flags }) {
    const { kind, names } = splitKind(args, flags.text("type"));
    for (const name of names) {
      await onlyOurs(cli, "unpin", () => cli.client().json("DELETE", "/berth/v1/pins", { query: { name, kind: kind || undefined } }));
      cli.console.out(`${name}\n`);
    }
  },
};
