// The course of every prune command: dry run, question, request, report.
import type { Cli } from "../context.ts";
import { failure } from "../failure.ts";
import type { FlagValues } from "../flags.ts";
import { humanSize } from "../units.ts";
import { confirm } from "../prompt.ts";
import type { FilterMap } from "../filter-flags.ts";
import type { PruneReport } from "../commands/system/prune-lines.ts";
import { dryRun } from "./dry-run.ts";
import type { PlanVerb } from "./plan.ts";
import { pruneFilters } from "./prune-filters.ts";

/** Flags that every prune has beside Docker's. */
export const PRUNE_EXTRA_FLAGS = `
+--dry-run  Show what would be removed and freed, and remove nothing
+--format string  Format the dry run: 'table', 'json' or a template
`;

export interface Prune {
  readonly verb: PlanVerb;
  readonly warning: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly showsTotal: boolean;
  /** The question stands beside the warning. */
  readonly oneLine?: true;
  act(filters: FilterMap): Promise<PruneReport>;
}

export async function runPrune(cli: Cli, flags: FlagValues, prune: Prune): Promise<number> {
  const filters = pruneFilters(cli, flags.list("filter"));
  if (flags.bool("dry-run")) return dryRun(cli, { verb: prune.verb, filters, ...(prune.options ? { options: prune.options } : {}) }, flags.text("format"));
  if (flags.has("format")) throw failure("--format is for --dry-run");
  if (!flags.bool("force") && !confirm(cli, `${prune.warning}${prune.oneLine ? " " : "\n"}Are you sure you want to continue?`)) return 0;
  const { text, spaceBytes } = await prune.act(filters);
  if (text !== "") cli.console.out(`${text}\n`);
  if (prune.showsTotal) cli.console.out(`Total reclaimed space: ${humanSize(spaceBytes)}\n`);
  return 0;
}
