// `image ls`, `images`.
import { atMost, type Command, type Invocation } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { failure } from "../../failure.ts";
import { addFilter, filterMap, filterQuery } from "../../filter-flags.ts";
import { renderRows } from "../../format.ts";
import { imageListing, imageRow, namesOfImage, type ImageExtra, type ImageSummary } from "./image-row.ts";
import { sortImages, SORT_KEYS } from "./image-order.ts";
import { imageTree } from "./image-tree.ts";
import { readImageUse } from "./image-use.ts";
import { commandsOf, verbOf } from "../../find-command.ts";

const COLUMNS: Readonly<Record<string, string>> = { shared: "SharedSize", unique: "UniqueSize", "used-by": "UsedBy", "last-used": "LastUsed", containers: "Containers" };

export const command: Command = {
  args: atMost(1),
  completes: "images",
  flags: `
-a, --all  Show all images (default hides intermediate images)
--digests  Show digests
-f, --filter filter  Filter output based on conditions provided
--format string  {format}
--no-trunc  Don't truncate output
-q, --quiet  Only show image IDs
--tree  List multi-platform images as a tree (EXPERIMENTAL)
+--columns strings  Add columns to the table: shared, unique, used-by, last-used, containers
+--reverse  Reverse the order
+--sort string  Sort by created, size, used or name
`,
  async run(cli, invocation) {
    const { flags, args } = invocation;
    if (flags.bool("tree")) return showTree(cli, invocation);
    const quiet = flags.bool("quiet");
    const format = flags.text("format") || (quiet ? "" : cli.config().text("imagesFormat")) || "table";
    const columns = flags.list("columns").flatMap((list) => list.split(",")).map(columnField);
    const wants = (...fields: string[]) => fields.some((field) => columns.includes(field) || new RegExp(`\\.${field}\\b`).test(format));
    const images = await listImages(cli, invocation, wants("SharedSize", "UniqueSize"));
    const sortKey = flags.text("sort");
    const use = wants("UsedBy", "LastUsed") || sortKey === "used" ? await readImageUse(cli) : undefined;
    const sorted = sortImages(images, sortKey, flags.bool("reverse"), use);
    const digests = flags.bool("digests");
    const listing = imageListing(digests, columns);
    const shown = digests && format.startsWith("table ") && !format.includes("{{.Digest}}") ? `${format}\t{{.Digest}}` : format;
    const rows = sorted.flatMap((image) => rowsOf(image, digests || shown.includes("{{.Digest}}"), !flags.bool("no-trunc"), use));
    cli.console.out(renderRows(listing, shown, rows, quiet));
    if (images.length === 0 && args.length === 1) hintAtSubcommand(cli, args[0]!);
  },
};

function rowsOf(image: ImageSummary, digests: boolean, truncate: boolean, use: ImageExtra | undefined) {
  return namesOfImage(image, digests).map((name) => imageRow(image, name, truncate, use));
}

function columnField(name: string): string {
  const field = COLUMNS[name];
  if (field === undefined) throw failure(`unknown column "${name}": choose from ${Object.keys(COLUMNS).join(", ")}`);
  return field;
}

async function listImages(cli: Cli, { flags, args }: Invocation, sharedSize: boolean): Promise<ImageSummary[]> {
  const sortKey = flags.text("sort");
  if (sortKey !== "" && !SORT_KEYS.includes(sortKey)) throw failure(`unknown sort key "${sortKey}": choose from ${SORT_KEYS.join(", ")}`);
  const filters = filterMap(flags.list("filter"));
  if (args[0] !== undefined) addFilter(filters, "reference", args[0]);
  return cli.client().json<ImageSummary[]>("GET", "/images/json", {
    query: { all: flags.bool("all") || undefined, "shared-size": sharedSize || undefined, filters: filterQuery(filters) },
  });
}

async function showTree(cli: Cli, invocation: Invocation): Promise<void> {
  const { flags } = invocation;
  for (const name of ["quiet", "no-trunc", "digests", "format"]) if (flags.text(name) !== "" && flags.text(name) !== "false") throw failure(`--${name === "digests" ? "show-digest" : name} is not yet supported with --tree`);
  const filters = filterMap(flags.list("filter"));
  if (invocation.args[0] !== undefined) addFilter(filters, "reference", invocation.args[0]);
  const images = await cli.client().json<ImageSummary[]>("GET", "/images/json", { query: { all: flags.bool("all") || undefined, manifests: true, filters: filterQuery(filters) } });
  const shown = flags.bool("all") ? images : images.filter((image) => namesOfImage(image, false)[0]!.repository !== "<none>");
  const terminal = cli.console.isTerminal("out");
  cli.console.out(imageTree(shown, { columns: cli.console.size()?.columns ?? 80, terminal, colours: terminal && !cli.env["NO_COLOR"] }));
}

function hintAtSubcommand(cli: Cli, name: string): void {
  if (commandsOf("image").some((entry) => verbOf(entry) === name)) cli.console.err(`\nNo images found matching "${name}": did you mean "${cli.program} image ${name}"?\n`);
}
