// `context ls`.
import { noArguments, type Command } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { contextName, defaultHost } from "../../endpoint.ts";
import { textOf } from "../../failure.ts";
import { renderRows, type Listing } from "../../format.ts";
import { compareNatural } from "../../natural-order.ts";
import { ellipsis } from "../../table.ts";
import { Row } from "../../template/value.ts";
import { DEFAULT_DESCRIPTION } from "./stored-context.ts";

interface ContextEntry {
  name: string;
  description: string;
  host: string;
  error: string;
}

const LISTING: Listing = {
  headers: { Name: "NAME", Description: "DESCRIPTION", DockerEndpoint: "DOCKER ENDPOINT", Error: "ERROR" },
  table: "{{.Name}}{{if .Current}} *{{end}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}",
  quiet: "{{.Name}}",
};

export const command: Command = {
  args: noArguments,
  flags: `
--format string  {format}
-q, --quiet  Only show context names
`,
  async run(cli, { flags }) {
    const current = contextName(cli);
    const rows = listContexts(cli, current).map((entry) => rowOf(entry, entry.name === current));
    cli.console.out(renderRows(LISTING, flags.text("format") || "table", rows, flags.bool("quiet")));
    const variable = ["BERTH_HOST", "DOCKER_HOST"].find((key) => cli.env[key]);
    if (variable !== undefined) {
      cli.console.err(`Warning: ${variable} environment variable overrides the active context. To use a context, either set the global --context flag, or unset ${variable} environment variable.\n`);
    }
  },
};

/** The one in force is listed even where it does not exist. */
function listContexts(cli: Cli, current: string): ContextEntry[] {
  const entries: ContextEntry[] = cli.contexts().list().map((meta) => ({ name: meta.Name, description: meta.Metadata.Description ?? "", host: meta.Endpoints.docker?.Host ?? "", error: "" }));
  entries.push({ name: "default", description: DEFAULT_DESCRIPTION, host: defaultHost(cli), error: "" });
  if (entries.every((entry) => entry.name !== current)) entries.push({ name: current, description: "", host: "", error: complaint(cli, current) });
  return entries.toSorted((a, b) => compareNatural(a.name, b.name));
}

function complaint(cli: Cli, name: string): string {
  try {
    cli.contexts().get(name);
    return "";
  } catch (error) {
    return textOf(error);
  }
}

function rowOf(entry: ContextEntry, isCurrent: boolean): Row {
  return new Row("*formatter.clientContextContext", {
    Current: () => isCurrent,
    Description: () => ellipsis(entry.description, 60),
    DockerEndpoint: () => entry.host,
    Error: () => ellipsis(entry.error, 45),
    Name: () => entry.name,
  });
}
