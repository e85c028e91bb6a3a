// `why`: how an object came, what keeps it, what it keeps, and what its removal would mean.
import { exactly, type Command } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { failure } from "../../failure.ts";
import { describeBlocker } from "../../hint.ts";
import { writeJson } from "../../json-text.ts";
import { beyond } from "../../removal/read-plan.ts";
import type { Explanation, Person } from "../../removal/explanation.ts";
import { sayEstimated } from "../../removal/say-estimated.ts";
import { segment, shortId } from "../../short-id.ts";
import { goTime } from "../../time-text.ts";
import { humanDuration, humanSize } from "../../units.ts";

export const command: Command = {
  args: exactly(1),
  completes: "objects",
  flags: `
--format string  'json' for all of it as JSON
--type string  container, image, network or volume, where the name alone does not say
`,
  async run(cli, { args, flags }) {
    const format = flags.text("format");
    if (format !== "" && format !== "json") throw failure("--format of why takes only json");
    const explanation = await explain(cli, args[0]!, flags.text("type"));
    if (explanation.estimated && format === "") sayEstimated(cli);
    cli.console.out(format === "json" ? `${writeJson(explanation)}\n` : textOf(explanation, Date.now()));
  },
};

async function explain(cli: Cli, name: string, kind: string): Promise<Explanation> {
  const known = await beyond<Explanation>(cli, () => cli.client().json("GET", `/berth/v1/why/${segment(name)}`, { query: { kind: kind || undefined } }));
  if (known) return known;
  const [{ readFacts }, { estimateWhy }] = await Promise.all([import("../../estimate/facts.ts"), import("../../estimate/why.ts")]);
  return estimateWhy(await readFacts(cli.client()), name, kind);
}

export function textOf(explanation: Explanation, nowMs: number): string {
  const { kind, id, name, origin, lastUsedMs, lastUsedBy, useCount, usedBy, uses, removal } = explanation;
  const bare = id === name ? "" : ` (${shortId(id)})`;
  const ago = (timeMs: number) => `${goTime(new Date(timeMs))}, ${humanDuration(nowMs - timeMs)} ago`;
  const lines = [`${kind} ${name}${bare}`, `  came by ${origin.how}${origin.from ? ` from ${origin.from}` : ""}: ${ago(origin.atMs)}${byWhom(origin.by)}`];
  if (lastUsedMs !== undefined) lines.push(`  last used: ${ago(lastUsedMs)}${byWhom(lastUsedBy)}${useCount === undefined ? "" : ` (${useCount} times)`}`);
  else if (useCount === 0) lines.push("  never used");
  lines.push(...block("Needed by", usedBy.map(describeBlocker)), ...block("Needs", uses.map((use) => `${use.kind} ${use.name}`)));
  lines.push(`${capital(removalText(explanation))}`);
  if (removal.suggestion) lines.push(`  ${removal.suggestion}`);
  return `${lines.join("\n")}\n`;
}

function byWhom({ user, client }: Person = {}): string {
  if (user === undefined && client === undefined) return "";
  return `, by ${user === undefined ? client : client === undefined ? user : `${user} with ${client}`}`;
}

function block(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`${title}:`, ...items.map((item) => `  ${item}`)];
}

function removalText({ removal, usedBy, estimated }: Explanation): string {
  const { possible, needsForce, reason, freesBytes } = removal;
  if (!possible) return `it cannot be removed${reason ? `: ${reason}` : ""}`;
  const frees = `${estimated ? "about " : ""}${humanSize(freesBytes)}`;
  if (needsForce) return `removing it needs -f${reason ? ` (${reason})` : ""} and frees ${frees}`;
  return usedBy.length === 0 ? `nothing needs it: removing it frees ${frees}` : `removing it frees ${frees}`;
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
