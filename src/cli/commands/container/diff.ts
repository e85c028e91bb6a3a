// `container diff`.
import { exactly, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";
import { renderRows } from "../../format.ts";
import { segment } from "../../short-id.ts";
import { Row } from "../../template/value.ts";

const KINDS = ["C", "A", "D"];
const LISTING = { headers: { Type: "CHANGE TYPE", Path: "PATH" }, table: "{{.Type}}\t{{.Path}}" };

export const command: Command = {
  args: exactly(1),
  completes: "containers",
  async run(cli, { args }) {
    const [name = ""] = args;
    if (name === "") throw failure("Container name cannot be empty");
    const changes = (await cli.client().json<{ Path: string; Kind: number }[] | null>("GET", `/containers/${segment(name)}/changes`)) ?? [];
    const rows = changes.map(({ Path, Kind }) => new Row("*container.diffContext", { Type: () => KINDS[Kind] ?? "", Path: () => Path }));
    cli.console.out(renderRows(LISTING, "{{.Type}} {{.Path}}", rows));
  },
};
