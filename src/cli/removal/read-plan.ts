// Gets a plan: from our daemon, or, where there is none of ours, from an estimate over what Docker lists.
import type { Cli } from "../context.ts";
import { isDaemonError } from "../failure.ts";
import type { Plan, PlanRequest } from "./plan.ts";

export async function readPlan(cli: Cli, request: PlanRequest): Promise<Plan> {
  const plan = await beyond<Plan>(cli, () => cli.client().json("POST", "/berth/v1/plan", { body: planBody(request) }));
  if (plan) return plan;
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

/** As the daemon wants it. */
export function planBody({ verb, names = [], filters = {}, options = {} }: PlanRequest): object {
  const force = options["force"] === true;
  const all = options["all"] === true;
  const images = { filters: { ...filters, dangling: { [String(!all)]: true } } };
  switch (verb) {
    case "rm":
      return { remove: { containers: names, force, volumes: options["volumes"] === true } };
    case "rmi":
      return { remove: { images: names, force, noPrune: options["noprune"] === true } };
    case "prune-containers":
      return { prune: { containers: { filters } } };
    case "prune-images":
      return { prune: { images } };
    case "prune-networks":
      return { prune: { networks: { filters } } };
    case "prune-volumes":
      return { prune: { volumes: { filters: all ? { ...filters, all: { true: true } } : filters } } };
    case "prune-build":
      return { prune: {} };
    case "prune-system":
      return { prune: { containers: { filters }, networks: { filters }, ...(options["volumes"] === true ? { volumes: { filters } } : {}), images } };
    default:
      return verb satisfies never;
  }
}
