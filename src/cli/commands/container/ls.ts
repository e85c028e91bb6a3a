// `container ls`, `ps`.
import { noArguments, type Command } from "../../command.ts";
import { filterQuery } from "../../filter-flags.ts";
import { prepareRows } from "../../format.ts";
import { failure } from "../../failure.ts";
import { compileTemplate, executeTemplate } from "../../template/execute.ts";
import { Row } from "../../template/value.ts";
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
    const asksSize = custom !== "" && !quiet ? checkTemplate(custom) : format !== "table" && /\.Size\b/.test(format);
    const size = flags.has("size") ? flags.bool("size") : asksSize && !quiet;
    const limit = flags.bool("latest") && !flags.has("last") ? 1 : flags.number("last");
    const asked = cli.client().json<ContainerSummary[]>("GET", "/containers/json", {
      query: {
        all: flags.bool("all") || undefined,
        limit: limit > 0 ? limit : undefined,
        size: size || undefined,
        filters: filterQuery(flags.list("filter")),
      },
    });
    const render = prepareRows(containerListing(size), format, quiet);
    const rows = (await asked).map((container) => containerRow(container, !flags.bool("no-trunc")));
    cli.console.out(render(rows));
  },
};

const SAMPLE: ContainerSummary = { Id: "", Image: "", ImageID: "", Command: "", Created: 0, State: "", Status: "" };

/** Whether the template shows sizes. Run before anything is asked, as Docker does: a bad template has its own words here. */
function checkTemplate(custom: string): boolean {
  if (["table", "json", "raw", "pretty"].includes(custom)) return false;
  const template = attempt("parse", () => compileTemplate(custom));
  let asked = false;
  const row = containerRow(SAMPLE, true);
  const watched = new Row(row.type, { ...row.fields, Size: () => { asked = true; return ""; } }, row.methods);
  attempt("execute", () => executeTemplate(template, watched));
  return asked;
}

const attempt = <T>(what: string, act: () => T): T => {
  try {
    return act();
  } catch (error) {
    throw failure(`failed to ${what} template: ${error instanceof Error ? error.message : String(error)}`);
  }
};
