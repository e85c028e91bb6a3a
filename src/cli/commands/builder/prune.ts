// `builder prune`.
import { noArguments, type Command } from "../../command.ts";
import { filterQuery } from "../../filter-flags.ts";
import { PRUNE_EXTRA_FLAGS, runPrune } from "../../removal/run-prune.ts";
import { parseRamBytes } from "../../units.ts";

interface Answer {
  CachesDeleted?: string[] | null;
  SpaceReclaimed?: number;
}

export const command: Command = {
  args: noArguments,
  flags: `
-a, --all  Remove all unused build cache, not just dangling ones
--filter filter  Provide filter values (e.g. "until=24h")
-f, --force  Do not prompt for confirmation
--keep-storage bytes  Amount of disk space to keep for cache
${PRUNE_EXTRA_FLAGS}`,
  run(cli, { flags }) {
    const all = flags.bool("all");
    const warning = all ? "WARNING! This will remove all build cache." : "WARNING! This will remove all dangling build cache.";
    return runPrune(cli, flags, {
      verb: "prune-build",
      warning,
      options: { all },
      showsTotal: true,
      oneLine: true,
      async act(filters) {
        const keep = flags.has("keep-storage") ? parseRamBytes(flags.text("keep-storage")) : undefined;
        const answer = await cli.client().json<Answer>("POST", "/build/prune", { query: { all: all || undefined, filters: filterQuery(filters), "keep-storage": keep, "reserved-space": keep } });
        const records = answer.CachesDeleted ?? [];
        return { text: records.length > 0 ? `Deleted build cache objects:\n${records.map((record) => `${record}\n`).join("")}` : "", spaceBytes: answer.SpaceReclaimed ?? 0 };
      },
    });
  },
};
