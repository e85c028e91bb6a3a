// `container kill`.
import { atLeast, type Command } from "../../command.ts";
import { segment } from "../../short-id.ts";
import { forEachName } from "./for-each.ts";

export const command: Command = {
  args: atLeast(1),
  completes: "running",
  flags: `
-s, --signal string  Signal to send to the container
`,
  run(cli, { args, flags }) {
    const signal = flags.text("signal") || undefined;
    return forEachName(cli, args, (name) => cli.client().json("POST", `/containers/${segment(name)}/kill`, { query: { signal } }));
  },
};
