// `system prune`: containers, networks, volumes if asked for, images, build cache, in Docker's order.
import { noArguments, type Command } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { failure, isDaemonError } from "../../failure.ts";
import type { FilterMap } from "../../filter-flags.ts";
import { PRUNE_EXTRA_FLAGS, runPrune } from "../../removal/run-prune.ts";
import { pruneFilters } from "../../removal/prune-filters.ts";
import { pruneBuildCache, pruneContainers, pruneImages, pruneNetworks, pruneVolumes, type PruneReport } from "./prune-lines.ts";

export const command: Command = {
  args: noArguments,
  flags: `
-a, --all  Remove all unused images not just dangling ones
--filter filter  Provide filter values (e.g. "label=<key>=<value>")
-f, --force  Do not prompt for confirmation
--volumes  Prune anonymous volumes
${PRUNE_EXTRA_FLAGS}`,
  run(cli, { flags }) {
    const all = flags.bool("all");
    const volumes = flags.bool("volumes");
    const filters = pruneFilters(cli, flags.list("filter"));
    if (volumes && filters["until"]) throw failure('ERROR: The "until" filter is not supported with "--volumes"');
    return runPrune(cli, flags, { verb: "prune-system", warning: warningOf(filters, all, volumes), options: { all, volumes }, showsTotal: true, act: (given) => pruneAll(cli, given, all, volumes) });
  },
};

export function warningOf(filters: FilterMap, all: boolean, volumes: boolean): string {
  const bullets = [
    "all stopped containers",
    "all networks not used by at least one container",
    ...(volumes ? ["all anonymous volumes not used by at least one container"] : []),
    all ? "all images without at least one container associated to them" : "all dangling images",
    all ? "all build cache" : "unused build cache",
  ];
  const filtered = Object.entries(filters).flatMap(([key, values]) => Object.keys(values).map((value) => `${key}=${value}`)).toSorted();
  return `WARNING! This will remove:\n${lines(bullets)}${filtered.length > 0 ? `\n  Items to be pruned will be filtered with:\n${lines(filtered)}` : ""}`;
}

async function pruneAll(cli: Cli, filters: FilterMap, all: boolean, volumes: boolean): Promise<PruneReport> {
  const steps = [pruneContainers, pruneNetworks, ...(volumes ? [pruneVolumes] : []), pruneImages, pruneBuildCache];
  let spaceBytes = 0;
  for (const step of steps) {
    const report = await step(cli, filters, step === pruneVolumes ? false : all).catch((error: unknown) => {
      // a daemon without a builder has no cache to empty
      if (step === pruneBuildCache && isDaemonError(error) && [404, 501].includes(Number(error.detail["status"]))) return { text: "", spaceBytes: 0 };
      throw error;
    });
    spaceBytes += report.spaceBytes;
    if (report.text !== "") cli.console.out(`${report.text}\n`);
  }
  return { text: "", spaceBytes };
}

const lines = (list: readonly string[]) => list.map((text) => `  - ${text}\n`).join("");
