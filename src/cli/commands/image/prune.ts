// `image prune`.
import { noArguments, type Command } from "../../command.ts";
import { PRUNE_EXTRA_FLAGS, runPrune } from "../../removal/run-prune.ts";
import { pruneImages } from "../system/prune-lines.ts";

export const command: Command = {
  args: noArguments,
  flags: `
-a, --all  Remove all unused images, not just dangling ones
--filter filter  Provide filter values (e.g. "until=<timestamp>")
-f, --force  Do not prompt for confirmation
${PRUNE_EXTRA_FLAGS}`,
  run(cli, { flags }) {
    const all = flags.bool("all");
    const warning = all ? "WARNING! This will remove all images without at least one container associated to them." : "WARNING! This will remove all dangling images.";
    return runPrune(cli, flags, { verb: "prune-images", warning, options: { all }, showsTotal: true, act: (filters) => pruneImages(cli, filters, all) });
  },
};
