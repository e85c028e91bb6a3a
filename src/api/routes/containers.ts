// /containers: life and looks. Streams are in streams.ts, files in archive.ts.
import { invalid, notImplemented } from "../../base/errors.ts";
import { containerChanges } from "../../engine/container/changes.ts";
import { createContainer } from "../../engine/container/create.ts";
import { inspectContainer } from "../../engine/container/inspect.ts";
import { killContainer } from "../../engine/container/kill.ts";
import { listContainers } from "../../engine/container/list.ts";
import { pauseContainer, unpauseContainer } from "../../engine/container/pause.ts";
import { removeContainer } from "../../engine/container/remove.ts";
import { renameContainer } from "../../engine/container/rename.ts";
import { resizeContainer } from "../../engine/container/resize.ts";
import { restartContainer } from "../../engine/container/restart.ts";
import { startContainer } from "../../engine/container/start.ts";
import { containerStats } from "../../engine/container/stats.ts";
import { stopContainer } from "../../engine/container/stop.ts";
import { containerTop } from "../../engine/container/top.ts";
import { updateContainer } from "../../engine/container/update.ts";
import { waitContainer } from "../../engine/container/wait.ts";
import type { Engine } from "../../engine/engine.ts";
import { pruneContainers } from "../../engine/removal/prune.ts";
import type { CreateContainerRequest, HostConfig } from "../../wire/docker.ts";
import { hasBody, readJson } from "../body.ts";
import { createRequestFrom } from "../compat.ts";
import { created, empty, json, jsonLines, type Reply } from "../reply.ts";
import { type ApiRequest, param } from "../request.ts";
import type { Handler, Route } from "../router.ts";
import { createContainerShape, updateContainerShape } from "../shapes/container.ts";
import { sizeOf } from "../terminal-size.ts";

export const containerRoutes: readonly Route[] = [
  ["GET", "/containers/json", list],
  ["POST", "/containers/create", create],
  ["POST", "/containers/prune", async (engine, request) => json(await pruneContainers(engine, request.query.filters(), request.actor))],
  ["GET", "/containers/{name}/json", inspect],
  ["GET", "/containers/{name}/top", async (engine, request) => json(await containerTop(engine, param(request), { psArgs: request.query.text("ps_args") || "-ef" }))],
  ["GET", "/containers/{name}/changes", async (engine, request) => json(nullIfNone(await containerChanges(engine, param(request))))],
  ["GET", "/containers/{name}/stats", stats],
  ["POST", "/containers/{name}/start", start],
  ["POST", "/containers/{name}/stop", stopOr(stopContainer)],
  ["POST", "/containers/{name}/restart", stopOr(restartContainer)],
  ["POST", "/containers/{name}/kill", kill],
  ["POST", "/containers/{name}/pause", act((engine, request) => pauseContainer(engine, param(request), request))],
  ["POST", "/containers/{name}/unpause", act((engine, request) => unpauseContainer(engine, param(request), request))],
  ["POST", "/containers/{name}/rename", rename],
  ["POST", "/containers/{name}/update", update],
  ["POST", "/containers/{name}/wait", wait],
  ["POST", "/containers/{name}/resize", resize],
  ["GET", "/containers/{name}/checkpoints", experimental],
  ["POST", "/containers/{name}/checkpoints", experimental],
  ["DELETE", "/containers/{name}/checkpoints/{checkpoint}", experimental],
  ["DELETE", "/containers/{name}", remove],
];

/** A verb that answers nothing. */
function act(verb: (engine: Engine, request: ApiRequest) => Promise<void>): Handler {
  return async (engine, request) => {
    await verb(engine, request);
    return empty();
  };
}

async function list(engine: Engine, { query }: ApiRequest): Promise<Reply> {
  const limit = query.integer("limit") ?? 0;
  return json(await listContainers(engine, { all: query.flag("all"), limit, size: query.flag("size"), filters: query.filters() }));
}

async function create(engine: Engine, request: ApiRequest): Promise<Reply> {
  const body = await readJson<CreateContainerRequest>(request, createContainerShape);
  if (body === undefined) throw invalid("invalid JSON: got EOF while reading request body");
  if (Object.keys(body).every((member) => member === "HostConfig" || member === "NetworkingConfig")) throw invalid("config cannot be empty in order to create a container");
  const name = request.query.text("name");
  const platform = request.version >= 41 ? request.query.text("platform") : "";
  const made = await createContainer(engine, {
    ...(name === "" ? {} : { name }),
    ...(platform === "" ? {} : { platform }),
    body: createRequestFrom(request.version, body),
    actor: request.actor,
  });
  return created(made);
}

async function inspect(engine: Engine, request: ApiRequest): Promise<Reply> {
  return json(await inspectContainer(engine, param(request), { size: request.query.flag("size") }));
}

async function stats(engine: Engine, request: ApiRequest): Promise<Reply> {
  const stream = request.query.flagOr("stream", true);
  const oneShot = request.version >= 41 && request.query.flag("one-shot");
  if (stream && oneShot) throw invalid("cannot have stream=true and one-shot=true");
  const samples = containerStats(engine, param(request), { stream, oneShot, signal: request.signal });
  return { kind: "stream", status: 200, contentType: "application/json", pieces: jsonLines(samples), eager: stream };
}

async function start(engine: Engine, request: ApiRequest): Promise<Reply> {
  const length = request.headers["content-length"];
  if (hasBody(request) && (length === undefined || Number(length) > 7)) throw invalid("starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24");
  await startContainer(engine, param(request), { actor: request.actor });
  return empty();
}

/** A client that hangs up does not stop these. */
function stopOr(verb: typeof stopContainer): Handler {
  return async (engine, request) => {
    const signal = request.version >= 42 ? request.query.text("signal") : "";
    const timeoutSeconds = request.query.integer("t");
    await verb(engine, param(request), { ...(signal === "" ? {} : { signal }), ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }), actor: request.actor });
    return empty();
  };
}

async function kill(engine: Engine, request: ApiRequest): Promise<Reply> {
  const signal = request.query.text("signal");
  await killContainer(engine, param(request), { ...(signal === "" ? {} : { signal }), actor: request.actor });
  return empty();
}

async function rename(engine: Engine, request: ApiRequest): Promise<Reply> {
  await renameContainer(engine, param(request), request.query.text("name"), { actor: request.actor });
  return empty();
}

async function update(engine: Engine, request: ApiRequest): Promise<Reply> {
  const body = await readJson<HostConfig>(request, updateContainerShape);
  return json(await updateContainer(engine, param(request), body ?? {}, { actor: request.actor }));
}

async function wait(engine: Engine, request: ApiRequest): Promise<Reply> {
  const condition = request.version >= 30 ? request.query.text("condition") : "";
  const { response } = waitContainer(engine, param(request), { ...(condition === "" ? {} : { condition }), signal: request.signal });
  return { kind: "late", status: 200, body: response };
}

async function resize(engine: Engine, request: ApiRequest): Promise<Reply> {
  await resizeContainer(engine, param(request), { ...sizeOf(request.query), actor: request.actor });
  return empty(200);
}

async function remove(engine: Engine, request: ApiRequest): Promise<Reply> {
  const { query, actor } = request;
  const name = param(request);
  // a path like /containers/a/nonsense is no name
  if (name.includes("/") && !query.flag("link")) return json({ message: `No such container: ${name}` }, 404);
  await removeContainer(engine, name, { force: query.flag("force"), volumes: query.flag("v"), link: query.flag("link"), actor });
  return empty();
}

function experimental(): never {
  throw notImplemented("This experimental feature is disabled by default. Start the Docker daemon in experimental mode in order to enable it.");
}

function nullIfNone<T>(items: readonly T[]): readonly T[] | null {
  return items.length === 0 ? null : items;
}

