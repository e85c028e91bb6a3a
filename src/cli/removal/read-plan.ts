// Gets a plan: from our daemon, or, where there is none of ours, from an estimate over what Docker lists.
import type { Cli } from "../context.ts";
import { isDaemonError } from "../failure.ts";
import type { Plan, PlanRequest } from "./plan.ts";

export async function readPlan(cli: Cli, request: PlanRequest): Promise<Plan> {
  const plan = await beyond<Plan>(cli, () => cli.client().json("POST", "/berth/v1/plan", { body: request }));
  if (plan) return { ...plan, objects: plan.objects ?? [], blocked: plan.blocked ?? [], totalBytes: plan.totalBytes ?? 0 };
  const [{ readFacts }, { estimatePlan }] = await Promise.all([import("../estimate/facts.ts"), import("../estimate/plan.ts")]);
  return estimatePlan(await readFacts(cli.client()), request);
}

/** undefined when the daemon does not know what Docker has no word for. */
export async function beyond<T>(cli: Cli, ask: () => Promise<T>): Promise<T | undefined> {
  if (cli.env["BERTH_ESTIMATE"]) return undefined;
  try {
    return await ask();
  } catch (error) {
    if (isDaemonError(error) && error.detail["status"] === 404 && /page not found/.test(error.message)) return undefined;
    if (isDaemonError(error) && error.detail["status"] === 501) return undefined;
    throw error;
  }
}
