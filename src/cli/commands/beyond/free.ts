// `free SIZE`: the least valuable unused images whose removal frees as much. Shows a plan; `--apply` carries it out.
import { exactly, type Command } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { failure } from "../../failure.ts";
import { confirm } from "../../prompt.ts";
import { showPlan } from "../../removal/dry-run.ts";
import type { Plan } from "../../removal/plan.ts";
import { beyond } from "../../removal/read-plan.ts";
import { humanSize, parseHumanSize } from "../../units.ts";
import { command as apply } from "./apply.ts";
import { parseFlagTable, FlagValues } from "../../flags.ts";

export const command: Command = {
  args: exactly(1),
  flags: `
--apply  Carry the plan out after asking
-f, --force  With --apply: do not ask
--format string  Output format: 'table', 'json' or a template
`,
  async run(cli, { args, flags }) {
    const targetBytes = sizeOf(args[0]!);
    const plan = await planFree(cli, targetBytes);
    showPlan(cli, plan, flags.text("format"));
    if (plan.freesBytes < targetBytes) cli.console.err(`Unused images do not add up to ${humanSize(targetBytes)}.\n`);
    if (!flags.bool("apply")) return plan.freesBytes < targetBytes ? 1 : 0;
    if (plan.token === undefined) throw failure("--apply needs a plan of the daemon's own, not an estimate");
    if (plan.objects.length === 0) return 1;
    if (!flags.bool("force") && !confirm(cli, "Remove these?")) return 0;
    return (await apply.run(cli, { path: "apply", args: [plan.token], flags: new FlagValues(parseFlagTable(apply.flags ?? "")) })) ?? 0;
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
