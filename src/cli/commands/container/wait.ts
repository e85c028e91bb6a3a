// `container wait`.
import { atLeast, type Command } from "../../command.ts";
import { exitStatus, watchExit } from "./exit-status.ts";
import { forEachName } from "./for-each.ts";

export const command: Command = {
  args: atLeast(1),
  completes: "running",
  run: (cli, { args }) => forEachName(cli, args, async (name) => String(await exitStatus(await watchExit(cli.client(), name, "not-running"))), { parallel: 1 }),
};
