// `pin`: what is pinned stays, whoever asks for its removal; without arguments, what is pinned.
import { anyArguments, type Command } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { failure } from "../../failure.ts";
import { renderRows, type Listing } from "../../format.ts";
import { onlyOurs } from "../../removal/only-ours.ts";
import { shortId } from "../../short-id.ts";
import { Row } from "../../template/value.ts";
import { goTime } from "../../time-text.ts";
import { humanDuration } from "../../units.ts";
import { splitKind } from "../../removal/object-kind.ts";

interface Pin {
  kind: string;
  id: string;
  reason?: string;
  createdMs: number;
}

const LISTING: Listing = {
  headers: { Kind: "KIND", ID: "ID", Reason: "REASON", CreatedSince: "PINNED", CreatedAt: "PINNED AT" },
  table: "{{.Kind}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Reason}}",
  quiet: "{{.ID}}",
};

export const command: Command = {
  args: anyArguments,
  completes: "objects",
  flags: `
--format string  {format}
-q, --quiet  Only show IDs
--reason string  Why it must stay
--type string  container, image, network or volume, where the name alone does not say
`,
  async run(cli, { args, flags }) {
    const { kind, names } = splitKind(args, flags.text("type"));
    if (names.length === 0) return listPins(cli, flags.text("format"), flags.bool("quiet"));
    if (flags.has("format") || flags.has("quiet")) throw failure("--format and --quiet are for the list of pins");
    for (const name of names) {
      await onlyOurs(cli, "pin", () => cli.client().json("POST", "/berth/v1/pins", { body: { kind, name, reason: flags.text("reason") } }));
      cli.console.out(`${name}\n`);
    }
  },
};

async function listPins(cli: Cli, format: string, quiet: boolean): Promise<void> {
  const pins = await onlyOurs(cli, "pin", () => cli.client().json<Pin[]>("GET", "/berth/v1/pins"));
  cli.console.out(renderRows(LISTING, format || "table", pins.map(rowOf), quiet));
}

function rowOf({ kind, id, reason, createdMs }: Pin): Row {
  return new Row("*pin.row", {
    CreatedAt: () => goTime(new Date(createdMs)),
    CreatedSince: () => `${humanDuration(Date.now() - createdMs)} ago`,
    ID: () => (kind === "volume" ? id : shortId(id)),
    Kind: () => kind,
    Reason: () => reason ?? "",
  });
}
