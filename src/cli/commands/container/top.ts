// `container top`.
import { atLeast, type Command } from "../../command.ts";
import { segment } from "../../short-id.ts";
import { alignColumns } from "../../table.ts";

export const command: Command = {
  args: atLeast(1),
  interspersed: false,
  completes: "running",
  async run(cli, { args }) {
    const [name = "", ...psArgs] = args;
    const query = { ps_args: psArgs.length > 0 ? psArgs.join(" ") : undefined };
    const { Titles, Processes } = await cli.client().json<{ Titles: string[]; Processes: string[][] | null }>("GET", `/containers/${segment(name)}/top`, { query });
    const lines = [Titles, ...(Processes ?? [])].map((cells) => `${cells.join("\t")}\n`);
    cli.console.out(alignColumns(lines.join(""), 20, 3));
  },
};
