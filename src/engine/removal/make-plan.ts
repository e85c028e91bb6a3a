// From a request to a plan: what a prune would take, what removing these would mean, or how to free so many bytes.
import { EngineError, invalid, notFound } from "../../base/errors.ts";
import type { ContainerRow, Reader, VolumeRow } from "../../store/store.ts";
import type { Filters } from "../../wire/filters.ts";
import { matchReferenceGlob } from "../../wire/glob.ts";
import { familiarName } from "../../wire/reference.ts";
import { resolveContainer } from "../container/names.ts";
import type { Engine } from "../engine.ts";
import { measureVolumes, type VolumeBytes } from "../system/volume-bytes.ts";
import { requestOf } from "../image/remove.ts";
import { imageName } from "./blockers.ts";
import { measureContainers, type ContainerBytes } from "./container-bytes.ts";
import { prunableContainers, sizesForPrune } from "./container-filter.ts";
import { planContainer, restReason, type ContainerChoice } from "./container-plan.ts";
import { Draft } from "./draft.ts";
import { planFree } from "./free.ts";
import { planImagePrune } from "./image-prune-plan.ts";
import { type ImageRequest, planImage } from "./image-rules.ts";
import { type Blocker, type Kept, type Plan, type PlanObject, sumPlan } from "./plan.ts";
import { keepPlan } from "./token.ts";
import { planNetworkPrune, planVolume, planVolumePrune, type PlanPart } from "./volume-plan.ts";

/** Exactly one of the three. */
export interface PlanRequest {
  /** In this order, as `system prune`. */
  prune?: { containers?: { filters: Filters }; networks?: { filters: Filters }; volumes?: { filters: Filters }; images?: { filters: Filters } };
  /** By name or ID, in this order: containers, images. Images also by pattern, e.g. `web/*` or `app:1.*`: every name that matches. */
  remove?: {
    containers?: readonly string[];
    images?: readonly string[];
    force?: boolean;
    noPrune?: boolean;
    /** With containers: their anonymous volumes, unless something else uses them. */
    volumes?: boolean;
  };
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

async function drawPrune(engine: Parts, request: NonNullable<PlanRequest["prune"]>): Promise<Plan> {
  const { containers, networks, volumes, images } = request;
  const nowMs = engine.clock.nowMs();
  const sizesAsked = containers === undefined ? undefined : await sizesForPrune(engine, containers.filters);
  const choose = (tx: Reader): ContainerChoice[] =>
    containers === undefined ? [] : prunableContainers(tx, containers.filters, nowMs, sizesAsked).map((row) => ({ row, reason: restReason(row), force: false }));
  const bytes = await measure(engine, choose);
  const sizes = volumes === undefined ? new Map<string, VolumeBytes>() : await measureVolumes(engine, engine.store.view((tx) => tx.volumes.list()));
  return engine.store.view((tx) => {
    const draft = new Draft(tx);
    const parts = [drawContainers(draft, choose(tx), bytes)];
    if (networks !== undefined) parts.push(planNetworkPrune(draft, networks.filters, nowMs));
    if (volumes !== undefined) parts.push(planVolumePrune(draft, volumes.filters, nowMs, sizes));
    if (images !== undefined) parts.push(planImagePrune(tx, images.filters, nowMs, draft));
    const what = (["containers", "networks", "volumes", "images"] as const).filter((kind) => request[kind] !== undefined);
    return sumPlan(`prune ${what.join(", ")}`, parts.flatMap((part) => part.objects), parts.flatMap((part) => part.kept));
  });
}

async function drawRemove(engine: Parts, { containers = [], images = [], force = false, noPrune = false, volumes = false }: NonNullable<PlanRequest["remove"]>): Promise<Plan> {
  const choose = (tx: Reader): ContainerChoice[] => [...new Set(containers.map((name) => resolveContainer(tx, name)))].map((row) => ({ row, reason: "asked for", force }));
  const bytes = await measure(engine, choose);
  const anonymous = volumes ? engine.store.view((tx) => choose(tx).flatMap(({ row }) => anonymousVolumes(tx, row))) : [];
  const sizes = await measureVolumes(engine, anonymous);
  return engine.store.view((tx) => {
    const draft = new Draft(tx);
    const { objects, kept } = drawContainers(draft, choose(tx), bytes);
    if (volumes) objects.push(...drawVolumes(draft, choose(tx), sizes));
    for (const name of images.flatMap((text) => expand(tx, text))) {
      const request = requestOf(tx, name, { force, noPrune });
      // gone with an earlier one, as a digest goes with its last tag
      if (draft.image(request.image.id) === undefined || (request.refName !== undefined && !draft.hasRef(request.refName))) continue;
      const result = tryImage(draft, request);
      if ("blockers" in result) kept.push(result);
      else objects.push(...result);
    }
    return sumPlan("remove", objects, kept);
  });
}

/** Of containers that go: what Docker's `rm -v` takes along, and silently leaves where it is used or pinned. */
function drawVolumes(draft: Draft, choices: readonly ContainerChoice[], sizes: ReadonlyMap<string, VolumeBytes>): PlanObject[] {
  const rows = new Map(choices.filter(({ row }) => draft.isContainerGone(row.id)).flatMap(({ row }) => anonymousVolumes(draft.tx, row).map((volume) => [volume, row] as const)));
  return [...rows].flatMap(([volume, { name }]) => {
    const result = planVolume(draft, volume, sizes, `anonymous volume of ${name}`);
    return "blockers" in result ? [] : [result];
  });
}

function anonymousVolumes(tx: Pick<Reader, "volumes">, row: ContainerRow): VolumeRow[] {
  return row.mounts.flatMap((mount) => {
    const volume = mount.Type === "volume" && mount.Name !== undefined ? tx.volumes.find(mount.Name) : undefined;
    return volume?.anonymous === true ? [volume] : [];
  });
}

/** A conflict keeps it, with all that is in the way. */
function tryImage(draft: Draft, request: ImageRequest): PlanObject[] | Kept {
  try {
    return planImage(draft, request);
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind !== "conflict") throw error;
    const { blockers = [], suggestion } = error.detail as { blockers?: Blocker[]; suggestion?: string };
    const kept: Kept = { kind: "image", id: request.image.id, name: request.refName === undefined ? imageName(draft, request.image) : familiarName(request.refName), reason: error.message, blockers };
    return suggestion === undefined ? kept : { ...kept, suggestion };
  }
}

/** Names that a pattern stands for; a plain name or ID stands for itself. */
function expand(tx: Reader, text: string): string[] {
  if (!/[*?[]/.test(text)) return [text];
  const names = tx.refs.list().filter((ref) => matchReferenceGlob(text, ref.name)).map((ref) => ref.name);
  if (names.length === 0) throw notFound(`No such image: ${text}`);
  return names.toSorted();
}

async function measure(engine: Parts, choose: (tx: Reader) => ContainerChoice[]): Promise<Map<string, ContainerBytes>> {
  const rows: ContainerRow[] = engine.store.view(choose).map((choice) => choice.row);
  return measureContainers(engine, rows, { files: true });
}

function drawContainers(draft: Draft, choices: readonly ContainerChoice[], bytes: ReadonlyMap<string, ContainerBytes>): PlanPart {
  const { objects, kept }: PlanPart = { objects: [], kept: [] };
  for (const choice of choices) {
    const result = planContainer(draft, choice, bytes.get(choice.row.id) ?? { rwBytes: 0, rwDiskBytes: 0, filesBytes: 0 });
    if ("blockers" in result) kept.push(result);
    else objects.push(result);
  }
  return { objects, kept };
}
