// /volumes
import { EngineError, invalid, unavailable } from "../../base/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import { createVolume, type CreateVolumeRequest } from "../../engine/volume/create.ts";
import { inspectVolume } from "../../engine/volume/inspect.ts";
import { sizesForFilter } from "../../engine/volume/filter.ts";
import { listVolumes } from "../../engine/volume/list.ts";
import { pruneVolumes } from "../../engine/volume/prune.ts";
import { removeVolume } from "../../engine/volume/remove.ts";
import type { Filters } from "../../wire/filters.ts";
import { readJson } from "../body.ts";
import { created, empty, json, type Reply } from "../reply.ts";
import { type ApiRequest, param } from "../request.ts";
import type { Route } from "../router.ts";
import { createVolumeShape } from "../shapes/network.ts";

export const volumeRoutes: readonly Route[] = [
  ["GET", "/volumes", list],
  ["POST", "/volumes/create", create],
  ["POST", "/volumes/prune", prune],
  ["GET", "/volumes/{name}", (engine, request) => json(inspectVolume(engine, param(request)))],
  ["PUT", "/volumes/{name}", noCluster],
  ["DELETE", "/volumes/{name}", remove],
];

async function list(engine: Engine, { query }: ApiRequest): Promise<Reply> {
  const filters = filtersOf(query);
  return json(listVolumes(engine, filters, await sizesForFilter(engine, filters)));
}

function filtersOf(query: ApiRequest["query"]): Filters {
  try {
    return query.filters();
  } catch (error) {
    throw error instanceof EngineError ? invalid(`error reading volume filters: ${error.message}`) : error;
  }
}

async function create(engine: Engine, request: ApiRequest): Promise<Reply> {
  const body = await readJson<CreateVolumeRequest>(request, createVolumeShape);
  return created(createVolume(engine, body ?? {}, request.actor));
}

/** Before 1.42 every unused volume went, named or not. */
async function prune(engine: Engine, { query, version, actor }: ApiRequest): Promise<Reply> {
  const filters = new Map(query.filters());
  if (version < 42) filters.set("all", ["true"]);
  return json(await pruneVolumes(engine, filters, actor));
}

async function remove(engine: Engine, request: ApiRequest): Promise<Reply> {
  await removeVolume(engine, param(request), { force: request.query.flag("force"), actor: request.actor });
  return empty();
}

function noCluster(): never {
  throw unavailable("volume update only valid for cluster volumes, but swarm is unavailable");
}
