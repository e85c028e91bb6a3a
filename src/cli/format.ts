// `--format` of list commands: table, table TEMPLATE, json, raw, or a template of one's own.
import { failure } from "./failure.ts";
import { alignColumns } from "./table.ts";
import { compileTemplate, executeTemplate, TemplateError } from "./template/execute.ts";
import type { Template } from "./template/parser.ts";
import { Row } from "./template/value.ts";

export interface Listing {
  /** Field → column title. */
  readonly headers: Readonly<Record<string, string>>;
  /** The table without `--format`, as a template. */
  readonly table: string;
  /** What `raw` prints per row. */
  readonly raw?: string;
  /** What `-q` prints per row. */
  readonly quiet?: string;
}

/** Renders rows; every row ends with a newline. */
export function renderRows(listing: Listing, format: string, rows: readonly Row[], quiet = false): string {
  return prepareRows(listing, format, quiet)(rows);
}

/** Reads the format at once, while the rows are on their way; what is wrong with it is thrown when they are rendered. */
export function prepareRows(listing: Listing, format: string, quiet = false): (rows: readonly Row[]) => string {
  const { template: source, isTable } = templateOf(listing, format, quiet);
  let template: Template;
  let head: string;
  try {
    template = compileTemplate(source);
    head = isTable ? `${executeHeader(template, listing)}\n` : "";
  } catch (error) {
    return () => {
      throw templateFailure(error);
    };
  }
  return (rows) => {
    let body = head;
    for (const row of rows) body += `${execute(template, row)}\n`;
    return isTable ? alignColumns(body) : body;
  };
}

/** The template behind a format, and whether it is a table. */
export function templateOf(listing: Listing, format: string, quiet: boolean): { template: string; isTable: boolean } {
  if (quiet && listing.quiet !== undefined && (format === "" || format === "table" || format === "raw")) {
    return { template: format === "raw" ? rawQuiet(listing) : listing.quiet, isTable: false };
  }
  if (format === "" || format === "table") return { template: listing.table, isTable: true };
  if (format === "json") return { template: "{{json .}}", isTable: false };
  if (format === "raw") return { template: listing.raw ?? rawOf(listing), isTable: false };
  if (format.startsWith("table")) return { template: unescape(format.slice(5).trim()), isTable: true };
  return { template: unescape(format.trim()), isTable: false };
}

function rawOf(listing: Listing): string {
  return Object.keys(listing.headers).map((field) => `${field.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase()}: {{.${field}}}\n`).join("");
}

function rawQuiet(listing: Listing): string {
  const lines = (listing.raw ?? rawOf(listing)).split("\n");
  return lines.find((line) => line.endsWith(listing.quiet ?? "")) ?? lines[0]!;
}

/** A backslash t or n in the flag is a tab or newline. */
export function unescape(text: string): string {
  return text.replaceAll("\\t", "\t").replaceAll("\\n", "\n");
}

function execute(template: Template, row: unknown): string {
  try {
    return executeTemplate(template, row);
  } catch (error) {
    throw templateFailure(error);
  }
}

function templateFailure(error: unknown): Error {
  return failure(`template parsing error: ${error instanceof Error ? error.message : String(error)}`);
}

function executeHeader(template: Template, listing: Listing): string {
  const fields = Object.fromEntries(Object.entries(listing.headers).map(([field, title]) => [field, () => title]));
  try {
    return executeTemplate(template, new Row("formatter.SubHeaderContext", fields, { Label: headerOfLabel }, true), { headers: true });
  } catch (error) {
    return error instanceof TemplateError ? ((error as { output?: string }).output ?? "") : ""; // titles as far as they go
  }
}

function headerOfLabel(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1).replace(/[-_]/g, " ");
}
