// `container pause`.
import { atLeast, type Command } from "../../command.ts";
import { segment } from "../../short-id.ts";
import { forEachName } from "./for-each.ts";

export const command: Command = {
  args: atLeast(1),
  completes: "running",
  run: (cli, { args }) => forEachName(cli, args, (name) => cli.client().json("POST", `/containers/${segment(name)}/pause`)),
};
