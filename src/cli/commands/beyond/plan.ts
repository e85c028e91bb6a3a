// `plan`: what a removal would do, as a command of its own.
import { atLeast, type Command, type Invocation } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { failure } from "../../failure.ts";
import { dryRun } from "../../removal/dry-run.ts";
import { expandNames } from "../../removal/expand-names.ts";
import type { PlanRequest, PlanVerb } from "../../removal/plan.ts";
import { pruneFilters } from "../../removal/prune-filters.ts";

const PRUNES: Readonly<Record<string, PlanVerb>> = {
  container: "prune-containers", containers: "prune-containers", image: "prune-images", images: "prune-images", network: "prune-networks", networks: "prune-networks",
  volume: "prune-volumes", volumes: "prune-volumes", system: "prune-system",
};

export const command: Command = {
  args: atLeast(1),
  long: [
    "Show what a removal would take, keep and free, without removing",
    "",
    "Verbs:",
    "  rm CONTAINER...     Containers",
    "  rmi IMAGE...        Images; patterns like 'web/*' stand for every name that matches",
    "  prune [KIND]        Unused containers, images, networks, volumes; system (default) is all but volumes",
  ].join("\n"),
  flags: `
-a, --all  All unused images, or all unused volumes, not only dangling and anonymous ones
--filter filter  Provide filter values (e.g. "label=<key>=<value>")
-f, --force  As rm -f or rmi -f
--format string  Output format: 'table', 'json' or a template
--no-prune  Do not delete untagged parents
--volumes  With prune system: anonymous volumes too
`,
  async run(cli, invocation) {
    return dryRun(cli, await requestOf(cli, invocation), invocation.flags.text("format"));
  },
};

async function requestOf(cli: Cli, { args, flags }: Invocation): Promise<PlanRequest> {
  const [verb = "", ...names] = args;
  const options = { force: flags.bool("force"), noprune: flags.bool("no-prune"), all: flags.bool("all"), volumes: flags.bool("volumes") };
  if (verb === "rm" || verb === "rmi") {
    if (names.length === 0) throw failure(`plan ${verb} needs at least one name`);
    return { verb, names: verb === "rmi" ? await expandNames(cli, names, false) : names, options };
  }
  if (verb !== "prune") throw failure(`unknown verb ${JSON.stringify(verb)}: choose from rm, rmi, prune`);
  const [kind = "system"] = names;
  const prune = PRUNES[kind];
  if (prune === undefined || names.length > 1) throw failure(`plan prune takes one of container, image, network, volume, system`);
  return { verb: prune, filters: pruneFilters(cli, flags.list("filter")), options };
}
