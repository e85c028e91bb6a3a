// `search`.
import { exactly, type Command } from "../../command.ts";
import { filterQuery } from "../../filter-flags.ts";
import { renderRows, type Listing } from "../../format.ts";
import { authHeader, credentialsFor } from "../../registry-auth.ts";
import { ellipsis } from "../../table.ts";
import { Row } from "../../template/value.ts";

interface SearchResult {
  name: string;
  description: string;
  star_count: number;
  is_official: boolean;
  is_automated?: boolean;
}

const LISTING: Listing = {
  headers: { Name: "NAME", Description: "DESCRIPTION", StarCount: "STARS", IsOfficial: "OFFICIAL", IsAutomated: "AUTOMATED" },
  table: "{{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}",
};

export const command: Command = {
  args: exactly(1),
  flags: `
-f, --filter filter  Filter output based on conditions provided
--format string  Pretty-print search using a Go template
--limit int  Max number of search results
--no-trunc  Don't truncate output
`,
  async run(cli, { args, flags }) {
    const results = await cli.client().json<SearchResult[]>("GET", "/images/search", {
      query: { term: args[0]!, limit: flags.number("limit") || undefined, filters: filterQuery(flags.list("filter")) },
      headers: authHeader(credentialsFor(cli, registryOf(args[0]!))),
    });
    const rows = results.map((result) => rowOf(result, !flags.bool("no-trunc")));
    cli.console.out(renderRows(LISTING, flags.text("format") || "table", rows));
  },
};

/** As `registry.example/term`; Docker Hub where there is no host. */
function registryOf(term: string): string {
  const host = /^([^/]*[.:][^/]*|localhost)\//.exec(term)?.[1] ?? "docker.io";
  return host === "index.docker.io" ? "docker.io" : host;
}

function rowOf(result: SearchResult, truncate: boolean): Row {
  const description = result.description.replace(/[\n\r]/g, " ");
  return new Row("*search.searchContext", {
    Name: () => result.name,
    Description: () => (truncate ? ellipsis(description, 45) : description),
    StarCount: () => String(result.star_count),
    IsOfficial: () => (result.is_official ? "[OK]" : ""),
    IsAutomated: () => (result.is_automated ? "[OK]" : ""),
  });
}
