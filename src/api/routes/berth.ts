// /berth/v1: what Docker's API has no word for. Plans and their application, why and graph, pins.
import { invalid } from "../../base/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import { readRemoteManifests } from "../../engine/image/remote-manifests.ts";
import { applyPlan } from "../../engine/removal/apply.ts";
import { graph } from "../../engine/removal/graph.ts";
import { imageUses } from "../../engine/removal/image-uses.ts";
import { makePlan, type PlanRequest } from "../../engine/removal/make-plan.ts";
import { listPins, pin, unpin, type PinKind } from "../../engine/removal/pins.ts";
import { explain } from "../../engine/removal/why.ts";
import { parseFilters, type Filters } from "../../wire/filters.ts";
import { authOf } from "../auth-header.ts";
import { readJson } from "../body.ts";
import { created, empty, json, type Reply } from "../reply.ts";
import { type ApiRequest, param } from "../request.ts";
import type { Route } from "../router.ts";
import { pinShape, planShape } from "../shapes/berth.ts";

export const berthRoutes: readonly Route[] = [
  ["POST", "/berth/v1/plan", plan],
  ["POST", "/berth/v1/plan/{token}/apply", async (engine, request) => json(await applyPlan(engine, param(request, "token"), request.actor))],
  ["GET", "/berth/v1/why/{name}", async (engine, request) => json(await explain(engine, param(request), kindOf(request.query.text("kind"))))],
  ["GET", "/berth/v1/graph", (engine) => json(graph(engine))],
  ["GET", "/berth/v1/images", (engine) => json(imageUses(engine))],
  ["GET", "/berth/v1/manifests/{name}", async (engine, request) => json(await readRemoteManifests(engine, param(request), authOf(request), request.signal))],
  ["GET", "/berth/v1/pins", (engine) => json(listPins(engine))],
  ["POST", "/berth/v1/pins", addPin],
  ["DELETE", "/berth/v1/pins", removePin],
];

type Filtered = { filters?: object };
type PlanBody = Omit<PlanRequest, "prune"> & { prune?: { containers?: Filtered; networks?: Filtered; volumes?: Filtered; images?: Filtered } };

async function plan(engine: Engine, request: ApiRequest): Promise<Reply> {
  const body = (await readJson<PlanBody>(request, planShape)) ?? {};
  if (body.freeBytes !== undefined && body.freeBytes <= 0) throw invalid("freeBytes must be more than 0");
  const { prune, ...rest } = body;
  if (prune === undefined) return json(await makePlan(engine, rest));
  const entries = Object.entries(prune).flatMap(([kind, given]) => (given === undefined ? [] : [[kind, { filters: filtersOf(given) }] as const]));
  return json(await makePlan(engine, { ...rest, prune: Object.fromEntries(entries) }));
}

/** In both of Docker's forms. */
function filtersOf({ filters }: Filtered): Filters {
  return parseFilters(filters === undefined ? undefined : JSON.stringify(filters));
}

const KINDS: readonly string[] = ["container", "image", "volume", "network"] satisfies PinKind[];

function kindOf(text: string): PinKind | undefined {
  if (text === "") return undefined;
  if (!KINDS.includes(text)) throw invalid(`invalid kind: ${text}`);
  return text as PinKind;
}

/** Of what kind the name is, looked up as inspect does. */
async function kindOrFound(engine: Engine, name: string, kind: string): Promise<PinKind> {
  return kindOf(kind) ?? ((await explain(engine, name)).kind as PinKind);
}

async function addPin(engine: Engine, request: ApiRequest): Promise<Reply> {
  const { kind = "", name = "", reason } = (await readJson<{ kind?: string; name?: string; reason?: string }>(request, pinShape)) ?? {};
  if (name === "") throw invalid("name is missing");
  return created(pin(engine, { kind: await kindOrFound(engine, name, kind), name, ...(reason === undefined ? {} : { reason }), actor: request.actor }));
}

async function removePin(engine: Engine, { query }: ApiRequest): Promise<Reply> {
  const name = query.text("name");
  if (name === "") throw invalid("name is missing");
  unpin(engine, await kindOrFound(engine, name, query.text("kind")), name);
  return empty();
}
