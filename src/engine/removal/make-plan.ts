// From a request to a plan: what a prune would take, what removing these would mean, or how to free so many bytes.
import { invalid, notFound } from "../../base/errors.ts";
import type { ContainerRow, Reader } from "../../store/store.ts";
import type { Filters } from "../../wire/filters.ts";
import { resolveContainer } from "../container/names.ts";
import type { Engine } from "../engine.ts";
import { requestOf } from "../image/remove.ts";
import { measureContainers, type ContainerBytes } from "./container-bytes.ts";
import { prunableContainers } from "./container-filter.ts";
import { planContainer, restReason, type ContainerChoice } from "./container-plan.ts";
import { Draft } from "./draft.ts";
import { planFree } from "./free.ts";
import { planImagePrune } from "./image-prune-plan.ts";
import { planImage } from "./image-rules.ts";
import { sumPlan, type Kept, type Plan, type PlanObject } from "./plan.ts";
import { keepPlan } from "./token.ts";

/** Exactly one of the three. */
export interface PlanRequest {
  /** Containers first, then images, as `system prune`. */
  prune?: { containers?: { filters: Filters }; images?: { filters: Filters } };
  /** By name or ID, in this order: containers, images. */
  remove?: { containers?: readonly string[]; images?: readonly string[]; force?: boolean; noPrune?: boolean };
  freeBytes?: number;
}

type Parts = Pick<Engine, "store" | "log" | "clock">;

/** The plan and a token with which exactly it can be applied. */
export async function makePlan(engine: Parts, request: PlanRequest): Promise<Plan & { token: string }> {
  const plan = await drawPlan(engine, request);
  return { ...plan, token: keepPlan(engine, plan) };
}

async function drawPlan(engine: Parts, request: PlanRequest): Promise<Plan> {
  if (request.freeBytes !== undefined) return planFree(engine, request.freeBytes);
  if (request.prune !== undefined) return drawPrune(engine, request.prune);
  if (request.remove !== undefined) return drawRemove(engine, request.remove);
  throw invalid("a plan needs one of prune, remove and freeBytes");
}

async function drawPrune(engine: Parts, { containers, images }: NonNullable<PlanRequest["prune"]>): Promise<Plan> {
  const nowMs = engine.clock.nowMs();
  const choose = (tx: Reader): ContainerChoice[] =>
    containers === undefined ? [] : prunableContainers(tx, containers.filters, nowMs).map((row) => ({ row, reason: restReason(row), force: false }));
  const bytes = await measure(engine, choose);
  return engine.store.view((tx) => {
    const draft = new Draft(tx);
    const { objects, kept } = drawContainers(draft, choose(tx), bytes);
    const rest = images === undefined ? undefined : planImagePrune(tx, images.filters, nowMs, draft);
    const what = [...(containers === undefined ? [] : ["container prune"]), ...(images === undefined ? [] : ["image prune"])].join(", ");
    return sumPlan(what, [...objects, ...(rest?.objects ?? [])], [...kept, ...(rest?.kept ?? [])]);
  });
}

async function drawRemove(engine: Parts, { containers = [], images = [], force = false, noPrune = false }: NonNullable<PlanRequest["remove"]>): Promise<Plan> {
  const choose = (tx: Reader): ContainerChoice[] => containers.map((name) => ({ row: resolveContainer(tx, name), reason: "asked for", force }));
  const bytes = await measure(engine, choose);
  return engine.store.view((tx) => {
    const draft = new Draft(tx);
    const { objects, kept } = drawContainers(draft, choose(tx), bytes);
    for (const name of images) {
      const request = requestOf(tx, name, { force, noPrune });
      if (draft.image(request.image.id) === undefined) throw notFound(`No such image: ${name}`);
      objects.push(...planImage(draft, request));
    }
    return sumPlan("remove", objects, kept);
  });
}

async function measure(engine: Parts, choose: (tx: Reader) => ContainerChoice[]): Promise<Map<string, ContainerBytes>> {
  const rows: ContainerRow[] = engine.store.view(choose).map((choice) => choice.row);
  return measureContainers(engine, rows, { files: true });
}

function drawContainers(draft: Draft, choices: readonly ContainerChoice[], bytes: ReadonlyMap<string, ContainerBytes>): { objects: PlanObject[]; kept: Kept[] } {
  const objects: PlanObject[] = [];
  const kept: Kept[] = [];
  for (const choice of choices) {
    const result = planContainer(draft, choice, bytes.get(choice.row.id) ?? { rwBytes: 0, rwDiskBytes: 0, filesBytes: 0 });
    if ("blockers" in result) kept.push(result);
    else objects.push(result);
  }
  return { objects, kept };
}
