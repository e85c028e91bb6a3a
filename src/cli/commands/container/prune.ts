// `container prune`.
import { noArguments, type Command } from "../../command.ts";
import { PRUNE_EXTRA_FLAGS, runPrune } from "../../removal/run-prune.ts";
import { pruneContainers } from "../system/prune-lines.ts";

export const command: Command = {
  args: noArguments,
  flags: `
--filter filter  Provide filter values (e.g. "until=<timestamp>")
-f, --force  Do not prompt for confirmation
${PRUNE_EXTRA_FLAGS}`,
  run: (cli, { flags }) =>
    runPrune(cli, flags, { verb: "prune-containers", warning: "WARNING! This will remove all stopped containers.", showsTotal: true, act: (filters) => pruneContainers(cli, filters, false) }),
};
