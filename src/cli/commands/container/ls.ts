// `container ls`, `ps`.
import { noArguments, type Command } from "../../command.ts";
import { filterQuery } from "../../filter-flags.ts";
import { renderRows, templateOf } from "../../format.ts";
import { failure } from "../../failure.ts";
import { compileTemplate, executeTemplate } from "../../template/execute.ts";
import { containerListing, containerRow, type ContainerSummary } from "./container-row.ts";

export const command: Command = {
  args: noArguments,
  flags: `
-a, --all  Show all containers (default shows just running)
-f, --filter filter  Filter output based on conditions provided
--format string  {format}
-n, --last int  Show n last created containers (includes all states) (default -1)
-l, --latest  Show the latest created container (includes all states)
--no-trunc  Don't truncate output
-q, --quiet  Only display container IDs
-s, --size  Display total file sizes
`,
  async run(cli, { flags }) {
    const quiet = flags.bool("quiet");
    const custom = flags.text("format");
    if (quiet && custom !== "") cli.console.err("WARNING: Ignoring custom format, because both --format and --quiet are set.\n");
    const format = quiet ? "" : custom || cli.config().text("psFormat") || "table";
    const size = flags.has("size") ? flags.bool("size") : !quiet && /\.Size\b/.test(format);
    if (custom !== "" && !quiet) checkTemplate(templateOf(containerListing(size), custom, false).template);
    const limit = flags.bool("latest") && !flags.has("last") ? 1 : flags.number("last");
    const containers = await cli.client().json<ContainerSummary[]>("GET", "/containers/json", {
      query: {
        all: flags.bool("all") || undefined,
        limit: limit > 0 ? limit : undefined,
        size: size || undefined,
        filters: filterQuery(flags.list("filter")),
      },
    });
    const rows = containers.map((container) => containerRow(container, !flags.bool("no-trunc")));
    cli.console.out(renderRows(containerListing(size), format, rows, quiet));
  },
};

/** Before anything is asked: a bad template has its own words here, as Docker looks through it for `.Size`. */
function checkTemplate(source: string): void {
  const template = attempt("parse", () => compileTemplate(source));
  const sample: ContainerSummary = { Id: "", Image: "", ImageID: "", Command: "", Created: 0, State: "", Status: "" };
  attempt("execute", () => executeTemplate(template, containerRow(sample, true)));
}

const attempt = <T>(what: string, act: () => T): T => {
  try {
    return act();
  } catch (error) {
    throw failure(`failed to ${what} template: ${error instanceof Error ? error.message : String(error)}`);
  }
};
