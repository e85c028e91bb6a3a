// `--dry-run`: shows the plan of a removal and carries nothing out.
import type { Cli } from "../context.ts";
import { renderRows, type Listing } from "../format.ts";
import { writeJson } from "../json-text.ts";
import { describeBlocker } from "../hint.ts";
import { shortId } from "../short-id.ts";
import { Row } from "../template/value.ts";
import { humanSize } from "../units.ts";
import type { Plan, PlannedObject, PlanRequest } from "./plan.ts";
import { readPlan } from "./read-plan.ts";
import { sayEstimated } from "./say-estimated.ts";

const LISTING: Listing = {
  headers: { Kind: "KIND", ID: "ID", Name: "NAME", Frees: "FREES", FreesBytes: "BYTES", Reason: "REASON" },
  table: "{{.Kind}}\t{{.ID}}\t{{.Name}}\t{{.Frees}}\t{{.Reason}}",
};

/** Exit code 1 when something that was asked for by name would stay, as the removal itself. */
export async function dryRun(cli: Cli, request: PlanRequest, format: string): Promise<number> {
  const plan = await readPlan(cli, request);
  showPlan(cli, plan, format);
  return (request.verb === "rm" || request.verb === "rmi") && plan.kept.length > 0 ? 1 : 0;
}

export function showPlan(cli: Cli, plan: Plan, format: string): void {
  if (format === "json") {
    cli.console.out(`${writeJson(plan)}\n`);
    return;
  }
  const rows = plan.objects.map(rowOf);
  cli.console.out(renderRows(LISTING, format || "table", rows));
  if (format !== "" && format !== "table") return;
  if (plan.estimated) sayEstimated(cli);
  cli.console.out(`${keptText(plan)}\nWould free: ${plan.estimated ? "about " : ""}${humanSize(plan.freesBytes)}\n`);
  if (plan.token && plan.objects.length > 0) cli.console.out(`To do exactly this: ${cli.program} apply ${plan.token}\n`);
}

function rowOf(object: PlannedObject): Row {
  return new Row("*plan.object", {
    Kind: () => object.kind,
    ID: () => (object.kind === "tag" || object.kind === "volume" ? "" : shortId(object.id)),
    Name: () => object.name,
    Frees: () => humanSize(object.freesBytes),
    FreesBytes: () => object.freesBytes,
    Reason: () => object.reason ?? "",
  });
}

function keptText({ kept }: Plan): string {
  if (kept.length === 0) return "";
  const lines = kept.map((entry) => {
    const why = entry.blockers.map(describeBlocker).join("; ") || entry.reason || "";
    return `  ${entry.kind} ${entry.name}: ${why}${entry.suggestion ? `\n    ${entry.suggestion}` : ""}\n`;
  });
  return `\nWould stay:\n${lines.join("")}`;
}
