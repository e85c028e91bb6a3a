// `image history`.
import { exactly, type Command } from "../../command.ts";
import { renderRows, type Listing } from "../../format.ts";
import { imagePath, shortId } from "../../short-id.ts";
import { ellipsis } from "../../table.ts";
import { Row } from "../../template/value.ts";
import { ageOf, rfc3339 } from "../../time-text.ts";
import { humanSize } from "../../units.ts";
import { platformQuery } from "../../platform.ts";

interface HistoryItem {
  Id: string;
  Created: number;
  CreatedBy: string;
  Size: number;
  Comment: string;
}

export const command: Command = {
  args: exactly(1),
  completes: "images",
  flags: `
--format string  {format}
-H, --human  Print sizes and dates in human readable format (default true)
--no-trunc  Don't truncate output
--platform string  Show history for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")
-q, --quiet  Only show image IDs
`,
  async run(cli, { args, flags }) {
    const query = { platform: platformQuery(flags.text("platform"), "invalid platform: ") };
    const items = await cli.client().json<HistoryItem[]>("GET", `/images/${imagePath(args[0]!)}/history`, { query });
    const human = flags.bool("human");
    const rows = items.map((item) => rowOf(item, human, !flags.bool("no-trunc")));
    cli.console.out(renderRows(listing(human), flags.text("format") || "table", rows, flags.bool("quiet")));
  },
};

function listing(human: boolean): Listing {
  return {
    headers: { ID: "IMAGE", CreatedSince: "CREATED", CreatedAt: "CREATED AT", CreatedBy: "CREATED BY", Size: "SIZE", Comment: "COMMENT" },
    table: `{{.ID}}\t${human ? "{{.CreatedSince}}" : "{{.CreatedAt}}"}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}`,
    quiet: "{{.ID}}",
  };
}

function rowOf(item: HistoryItem, human: boolean, truncate: boolean): Row {
  const createdAt = () => rfc3339(new Date(item.Created * 1000));
  const createdBy = item.CreatedBy.replaceAll("\t", " ");
  return new Row("*image.historyContext", {
    ID: () => (truncate ? shortId(item.Id) : item.Id),
    CreatedAt: createdAt,
    CreatedSince: () => (human ? (item.Created <= 0 ? "N/A" : ageOf(item.Created)) : createdAt()),
    CreatedBy: () => (truncate ? ellipsis(createdBy, 45) : createdBy),
    Size: () => (human ? humanSize(item.Size, 3) : String(item.Size)),
    Comment: () => item.Comment,
  });
}
