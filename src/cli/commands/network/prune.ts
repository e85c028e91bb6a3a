// `network prune`.
import { noArguments, type Command } from "../../command.ts";
import { PRUNE_EXTRA_FLAGS, runPrune } from "../../removal/run-prune.ts";
import { pruneNetworks } from "../system/prune-lines.ts";

export const command: Command = {
  args: noArguments,
  flags: `
--filter filter  Provide filter values (e.g. "until=<timestamp>")
-f, --force  Do not prompt for confirmation
${PRUNE_EXTRA_FLAGS}`,
  run: (cli, { flags }) =>
    runPrune(cli, flags, { verb: "prune-networks", warning: "WARNING! This will remove all custom networks not used by at least one container.", showsTotal: false, act: (filters) => pruneNetworks(cli, filters, false) }),
};
