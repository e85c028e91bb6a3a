// `--filter` of prune, joined with pruneFilters of config.json; the command line wins over a configured opposite.
import type { Cli } from "../context.ts";
import { addFilter, filterMap, type FilterMap } from "../filter-flags.ts";

export function pruneFilters(cli: Cli, flags: readonly string[]): FilterMap {
  const given = filterMap(flags);
  for (const [key, value] of Object.entries(filterMap(cli.config().list("pruneFilters").filter((text) => text.includes("="))))) {
    const opposite = key === "label" ? "label!" : key === "label!" ? "label" : undefined;
    for (const text of Object.keys(value)) {
      if (opposite && given[opposite]?.[text]) continue;
      addFilter(given, key, text);
    }
  }
  return given;
}
