// `system df`.
import { noArguments, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";
import { renderRows, type Listing } from "../../format.ts";
import { Row } from "../../template/value.ts";
import { humanSize } from "../../units.ts";
import { summarise, type Usage } from "./usage.ts";
import { verboseJson, verboseText } from "./df-verbose.ts";

const LISTING: Listing = {
  headers: { Type: "TYPE", TotalCount: "TOTAL", Active: "ACTIVE", Size: "SIZE", Reclaimable: "RECLAIMABLE" },
  table: "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}",
  raw: "type: {{.Type}}\ntotal: {{.TotalCount}}\nactive: {{.Active}}\nsize: {{.Size}}\nreclaimable: {{.Reclaimable}}\n",
};

export const command: Command = {
  args: noArguments,
  flags: `
--format string  {format}
-v, --verbose  Show detailed information on space usage
`,
  async run(cli, { flags }) {
    const format = flags.text("format") || "table";
    const usage = await cli.client().json<Usage>("GET", "/system/df");
    if (flags.bool("verbose")) {
      if (format.startsWith("table ")) throw failure("error running df: custom table formats are not for --verbose");
      cli.console.out(format === "table" ? verboseText(usage) : verboseJson(usage, format));
      return;
    }
    const rows = summarise(usage).map(
      ({ type, total, active, sizeBytes, reclaimableBytes, percent }) =>
        new Row("*formatter.diskUsageImagesContext", {
          Type: () => type,
          TotalCount: () => String(total),
          Active: () => String(active),
          Size: () => humanSize(sizeBytes),
          Reclaimable: () => humanSize(reclaimableBytes) + (percent === undefined ? "" : ` (${percent}%)`),
        }),
    );
    cli.console.out(renderRows(LISTING, format, rows));
  },
};
