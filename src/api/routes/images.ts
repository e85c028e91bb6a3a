// /images and what belongs to registries.
import { invalid } from "../../base/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import { loadImages } from "../../engine/image/load.ts";
import { saveImages } from "../../engine/image/save.ts";
import { inspectDistribution } from "../../engine/image/distribution.ts";
import { imageHistory } from "../../engine/image/history.ts";
import { importImage } from "../../engine/image/import.ts";
import { inspectImage } from "../../engine/image/inspect.ts";
import { pullImage } from "../../engine/image/pull.ts";
import { pushImage } from "../../engine/image/push.ts";
import { listImages } from "../../engine/image/read.ts";
import { removeImage } from "../../engine/image/remove.ts";
import { searchImages } from "../../engine/image/search.ts";
import { tagImage } from "../../engine/image/tag.ts";
import { pruneImages } from "../../engine/removal/prune.ts";
import type { Platform } from "../../wire/oci.ts";
import { authOf } from "../auth-header.ts";
import { imageInspectFor, imageSummaryFor } from "../compat.ts";
import { parsePlatformJson, platformText } from "../platform.ts";
import { empty, json, progress, type Reply } from "../reply.ts";
import { type ApiRequest, param, parseInteger } from "../request.ts";
import type { Route } from "../router.ts";

export const imageRoutes: readonly Route[] = [
  ["GET", "/images/json", list],
  ["GET", "/images/search", search],
  ["GET", "/images/get", (engine, request) => save(engine, request, request.query.all("names"))],
  ["POST", "/images/create", create],
  ["POST", "/images/load", load],
  ["POST", "/images/prune", async (engine, request) => json(await pruneImages(engine, request.query.filters(), request.actor))],
  ["GET", "/images/{name}/json", inspect],
  ["GET", "/images/{name}/history", history],
  ["GET", "/images/{name}/get", (engine, request) => save(engine, request, [param(request)])],
  ["POST", "/images/{name}/push", push],
  ["POST", "/images/{name}/tag", tag],
  ["DELETE", "/images/{name}", remove],
  ["DELETE", "/images/", refuseBlank],
  ["GET", "/distribution/{name}/json", async (engine, request) => json(await inspectDistribution(engine, param(request), authOf(request), request.signal))],
];

function list(engine: Engine, { query, version }: ApiRequest): Reply {
  const filters = new Map(query.filters());
  const legacy = version < 41 ? query.text("filter") : "";
  if (legacy !== "") filters.set("reference", [...(filters.get("reference") ?? []), legacy]);
  const images = listImages(engine, { all: query.flag("all"), filters, sharedSize: version >= 42 && query.flag("shared-size"), manifests: version >= 47 && query.flag("manifests") });
  return json(images.map((image) => imageSummaryFor(version, image)));
}

function inspect(engine: Engine, request: ApiRequest): Reply {
  const manifests = request.version >= 48 && request.query.flag("manifests");
  const platform = request.version >= 49 ? platformOf(request) : {};
  if (manifests && platform.platform !== undefined) throw invalid("conflicting options: manifests and platform options cannot both be set");
  return json(imageInspectFor(request.version, inspectImage(engine, param(request), { manifests, ...platform })));
}

function refuseBlank(): never {
  throw invalid("image name cannot be blank");
}

function history(engine: Engine, request: ApiRequest): Reply {
  return json(imageHistory(engine, param(request), request.version >= 48 ? platformOf(request) : {}));
}

function platformOf({ query }: ApiRequest): { platform?: Platform } {
  const text = query.text("platform");
  return text === "" ? {} : { platform: parsePlatformJson(text) };
}

async function search(engine: Engine, request: ApiRequest): Promise<Reply> {
  const { query } = request;
  const limit = query.text("limit") === "" ? 25 : parseInteger(query.text("limit"), (message) => invalid(`invalid limit specified: ${message}`));
  if (limit !== 0 && (limit < 1 || limit > 100)) throw invalid(`limit ${limit} is outside the range of [1, 100]`);
  return json(await searchImages(engine, { term: query.text("term"), limit: limit === 0 ? 25 : limit, filters: query.filters(), auth: authOf(request) }));
}

function save(engine: Engine, { query, version, signal }: ApiRequest, names: readonly string[]): Reply {
  const platforms = version >= 48 ? query.all("platform").map(platformText) : [];
  return { kind: "stream", status: 200, contentType: "application/x-tar", pieces: saveImages(engine, names, platforms.length === 0 ? {} : { platforms }, signal) };
}

function create(engine: Engine, request: ApiRequest): Reply {
  const { query, version, actor, signal } = request;
  const platform = version >= 32 && query.text("platform") !== "" ? { platform: query.text("platform") } : {};
  const tag = query.text("tag") === "" ? {} : { tag: query.text("tag") };
  // `pull -a` of old clients sends a name with a colon at its end
  const image = query.text("fromImage").replace(/:$/, "");
  if (image !== "") {
    const auth = authOf(request);
    return progress((sink) => pullImage(engine, { image, ...tag, ...platform, ...(auth === undefined ? {} : { auth }), actor }, sink, signal));
  }
  const from = query.text("fromSrc");
  const repo = query.text("repo") === "" ? {} : { repo: query.text("repo") };
  const source = from === "-" ? request.body : from;
  return progress(async (sink) => {
    await importImage(engine, source, { ...repo, ...tag, message: query.text("message"), changes: query.all("changes"), ...platform, actor }, sink, signal);
  });
}

function load(engine: Engine, { query, version, body, actor, signal }: ApiRequest): Reply {
  const platforms = version >= 48 ? query.all("platform").map(platformText) : [];
  const quiet = query.flagOr("quiet", true);
  return {
    kind: "progress",
    errorsInBand: true,
    run: (sink) => loadImages(engine, body, { quiet, ...(platforms.length === 0 ? {} : { platforms }), actor }, sink, signal),
  };
}

function push(engine: Engine, request: ApiRequest): Reply {
  const { query, version, actor, signal } = request;
  const auth = authOf(request);
  const platform = version >= 46 && query.text("platform") !== "" ? { platform: platformText(query.text("platform")) } : {};
  const tag = query.text("tag") === "" ? {} : { tag: query.text("tag") };
  return progress((sink) => pushImage(engine, { name: param(request), ...tag, ...platform, ...(auth === undefined ? {} : { auth }), actor }, sink, signal));
}

function tag(engine: Engine, request: ApiRequest): Reply {
  const isTagged = tagImage(engine, param(request), request.query.text("repo"), request.query.text("tag"), request.actor);
  return empty(isTagged ? 201 : 200);
}

async function remove(engine: Engine, request: ApiRequest): Promise<Reply> {
  const { query, version, actor } = request;
  const name = param(request);
  if (name.trim() === "") throw invalid("image name cannot be blank");
  const platforms = version >= 50 ? query.all("platforms").map(parsePlatformJson) : [];
  const items = await removeImage(engine, name, {
    force: query.flag("force"),
    noPrune: query.flag("noprune"),
    ...(platforms.length === 0 ? {} : { platforms }),
    actor,
  });
  return json(items);
}
