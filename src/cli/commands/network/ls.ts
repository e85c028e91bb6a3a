// `network ls`.
import { noArguments, type Command } from "../../command.ts";
import { filterQuery } from "../../filter-flags.ts";
import { renderRows, type Listing } from "../../format.ts";
import { compareNatural } from "../../natural-order.ts";
import { labelsText, shortId } from "../../short-id.ts";
import { Row } from "../../template/value.ts";
import { goTimeOfText } from "../../time-text.ts";

interface NetworkSummary {
  Name: string;
  Id: string;
  Created: string;
  Scope: string;
  Driver: string;
  EnableIPv4?: boolean;
  EnableIPv6?: boolean;
  Internal?: boolean;
  Labels?: Record<string, string> | null;
}

const LISTING: Listing = {
  headers: { ID: "NETWORK ID", Name: "NAME", Driver: "DRIVER", Scope: "SCOPE", IPv4: "IPV4", IPv6: "IPV6", Internal: "INTERNAL", Labels: "LABELS", CreatedAt: "CREATED AT" },
  table: "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}",
  raw: "network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n",
  quiet: "{{.ID}}",
};

export const command: Command = {
  args: noArguments,
  flags: `
-f, --filter filter  Provide filter values (e.g. "driver=bridge")
--format string  {format}
--no-trunc  Do not truncate the output
-q, --quiet  Only display network IDs
`,
  async run(cli, { flags }) {
    const quiet = flags.bool("quiet");
    const format = flags.text("format") || (quiet ? "" : cli.config().text("networksFormat")) || "table";
    const networks = await cli.client().json<NetworkSummary[]>("GET", "/networks", { query: { filters: filterQuery(flags.list("filter")) } });
    networks.sort((a, b) => compareNatural(a.Name, b.Name));
    cli.console.out(renderRows(LISTING, format, networks.map((network) => rowOf(network, !flags.bool("no-trunc"))), quiet));
  },
};

function rowOf(network: NetworkSummary, truncate: boolean): Row {
  return new Row(
    "*network.networkContext",
    {
      ID: () => (truncate ? shortId(network.Id) : network.Id),
      Name: () => network.Name,
      Driver: () => network.Driver,
      Scope: () => network.Scope,
      IPv4: () => String(network.EnableIPv4 ?? true),
      IPv6: () => String(network.EnableIPv6 ?? false),
      Internal: () => String(network.Internal ?? false),
      Labels: () => labelsText(network.Labels),
      CreatedAt: () => goTimeOfText(network.Created),
    },
    { Label: (name) => network.Labels?.[name] ?? "" },
  );
}
