// `volume prune`.
import { noArguments, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";
import { PRUNE_EXTRA_FLAGS, runPrune } from "../../removal/run-prune.ts";
import { pruneVolumes } from "../system/prune-lines.ts";

export const command: Command = {
  args: noArguments,
  flags: `
-a, --all  Remove all unused volumes, not just anonymous ones
--filter filter  Provide filter values (e.g. "label=<label>")
-f, --force  Do not prompt for confirmation
${PRUNE_EXTRA_FLAGS}`,
  run(cli, { flags }) {
    const all = flags.bool("all");
    if (all && flags.list("filter").some((filter) => filter.startsWith("all="))) throw failure("conflicting options: cannot specify both --all and --filter all=1");
    const warning = all ? "WARNING! This will remove all local volumes not used by at least one container." : "WARNING! This will remove anonymous local volumes not used by at least one container.";
    return runPrune(cli, flags, { verb: "prune-volumes", warning, options: { all }, showsTotal: true, act: (filters) => pruneVolumes(cli, filters, all) });
  },
};
