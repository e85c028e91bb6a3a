// `volume ls`.
import { noArguments, type Command } from "../../command.ts";
import { filterQuery } from "../../filter-flags.ts";
import { renderRows } from "../../format.ts";
import { compareNatural } from "../../natural-order.ts";
import { volumeListing, volumeRow, type VolumeSummary } from "./volume-row.ts";

const CLUSTER_TABLE = "{{.Name}}\t{{.Group}}\t{{.Driver}}\t{{.Availability}}\t{{.Status}}";

export const command: Command = {
  args: noArguments,
  flags: `
-f, --filter filter  Provide filter values (e.g. "dangling=true")
--format string  {format}
~--cluster  Display only cluster volumes
-q, --quiet  Only display volume names
`,
  async run(cli, { flags }) {
    const quiet = flags.bool("quiet");
    const format = flags.text("format") || (quiet ? "" : cli.config().text("volumesFormat")) || "table";
    const answer = await cli.client().json<{ Volumes: VolumeSummary[] | null }>("GET", "/volumes", { query: { filters: filterQuery(flags.list("filter")) } });
    const cluster = flags.bool("cluster");
    const volumes = (answer.Volumes ?? []).filter((volume) => !cluster || volume.ClusterVolume).toSorted((a, b) => compareNatural(a.Name, b.Name));
    cli.console.out(renderRows(cluster ? { ...volumeListing, table: CLUSTER_TABLE } : volumeListing, format, volumes.map(volumeRow), quiet));
  },
};
