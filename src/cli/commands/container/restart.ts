// `container restart`.
import { atLeast, type Command } from "../../command.ts";
import { segment } from "../../short-id.ts";
import { forEachName } from "./for-each.ts";
import { stopQuery, STOP_FLAGS } from "./stop-flags.ts";

export const command: Command = {
  args: atLeast(1),
  completes: "containers",
  flags: STOP_FLAGS,
  async run(cli, { args, flags }) {
    const query = stopQuery(flags);
    await forEachName(cli, args, (name) => cli.client().json("POST", `/containers/${segment(name)}/restart`, { query }), { parallel: 1 });
  },
};
