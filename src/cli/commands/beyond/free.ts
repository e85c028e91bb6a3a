// `free SIZE`: the least valuable unused images whose removal frees as much. Shows a plan, asks, and carries it out.
import { exactly, type Command } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { failure } from "../../failure.ts";
import { parseFlagTable, FlagValues } from "../../flags.ts";
import { confirm } from "../../prompt.ts";
import { showPlan } from "../../removal/dry-run.ts";
import type { Plan } from "../../removal/plan.ts";
import { beyond } from "../../removal/read-plan.ts";
import { imagePath } from "../../short-id.ts";
import { humanSize, parseHumanSize } from "../../units.ts";
import type { ImageDeleteItem } from "../../../wire/docker.ts";
import { command as apply } from "./apply.ts";

export const command: Command = {
  args: exactly(1),
  flags: `
--dry-run  Only show what would be removed
-f, --force  Do not ask
--format string  Output format: 'table', 'json' or a template; nothing is removed then without --force
`,
  async run(cli, { args, flags }) {
    const targetBytes = sizeOf(args[0]!);
    const plan = await planFree(cli, targetBytes);
    showPlan(cli, plan, flags.text("format"));
    const enough = plan.freesBytes >= targetBytes;
    if (!enough) cli.console.err(`Unused images do not add up to ${humanSize(targetBytes)}.\n`);
    const force = flags.bool("force");
    if (flags.bool("dry-run") || plan.objects.length === 0 || (flags.has("format") && !force)) return enough ? 0 : 1;
    if (!force && !confirm(cli, "Remove these?")) return 0;
    await carryOut(cli, plan);
    return enough ? 0 : 1;
  },
};

function sizeOf(text: string): number {
  const bytes = parseHumanSize(text);
  if (bytes <= 0) throw failure(`invalid size: ${JSON.stringify(text)}`);
  return bytes;
}

async function planFree(cli: Cli, freeBytes: number): Promise<Plan> {
  const plan = await beyond<Plan>(cli, () => cli.client().json("POST", "/berth/v1/plan", { body: { freeBytes } }));
  if (plan) return plan;
  const [{ readFacts }, { estimateFree }] = await Promise.all([import("../../estimate/facts.ts"), import("../../estimate/free.ts")]);
  return estimateFree(await readFacts(cli.client()), freeBytes);
}

async function carryOut(cli: Cli, plan: Plan): Promise<void> {
  if (plan.token !== undefined) return void (await apply.run(cli, { path: "apply", args: [plan.token], flags: new FlagValues(parseFlagTable(apply.flags ?? "")) }));
  // a Docker daemon: image after image, without -f, so that what has come into use meanwhile stays
  for (const { name, id } of plan.objects) {
    for (const each of name.includes(":") ? name.split(", ") : [id]) {
      const items = await cli.client().json<ImageDeleteItem[]>("DELETE", `/images/${imagePath(each)}`);
      for (const { Deleted, Untagged } of items) cli.console.out(Deleted ? `Deleted: ${Deleted}\n` : `Untagged: ${Untagged}\n`);
    }
  }
}
