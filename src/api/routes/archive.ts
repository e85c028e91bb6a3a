// Files in and out of containers: docker cp, export, commit.
import { invalid } from "../../base/errors.ts";
import { exportContainer, getContainerArchive, putContainerArchive, statContainerPath } from "../../engine/container/copy.ts";
import type { Engine } from "../../engine/engine.ts";
import { commitContainer } from "../../engine/image/commit.ts";
import type { ContainerConfig } from "../../wire/docker.ts";
import { readJson } from "../body.ts";
import { created, empty, type Reply } from "../reply.ts";
import { type ApiRequest, param } from "../request.ts";
import type { Route } from "../router.ts";
import { commitShape } from "../shapes/container.ts";

export const archiveRoutes: readonly Route[] = [
  ["HEAD", "/containers/{name}/archive", stat],
  ["GET", "/containers/{name}/archive", get],
  ["PUT", "/containers/{name}/archive", put],
  ["GET", "/containers/{name}/export", exportTar],
  ["POST", "/commit", commit],
];

const STAT_HEADER = "X-Docker-Container-Path-Stat";

async function stat(engine: Engine, request: ApiRequest): Promise<Reply> {
  return empty(200, statHeader(await statContainerPath(engine, param(request), pathOf(request))));
}

async function get(engine: Engine, request: ApiRequest): Promise<Reply> {
  const { stat, tar } = await getContainerArchive(engine, param(request), pathOf(request), { signal: request.signal });
  return { kind: "stream", status: 200, contentType: "application/x-tar", pieces: tar, headers: statHeader(stat) };
}

async function put(engine: Engine, request: ApiRequest): Promise<Reply> {
  const { query, body, signal } = request;
  await putContainerArchive(engine, param(request), pathOf(request), body, {
    noOverwriteDirNonDir: query.flag("noOverwriteDirNonDir"),
    copyUidGid: query.flag("copyUIDGID"),
    signal,
  });
  return empty(200);
}

async function exportTar(engine: Engine, request: ApiRequest): Promise<Reply> {
  const pieces = await exportContainer(engine, param(request), { signal: request.signal });
  return { kind: "stream", status: 200, contentType: "application/octet-stream", pieces };
}

async function commit(engine: Engine, request: ApiRequest): Promise<Reply> {
  const { query, actor } = request;
  const config = await readJson<ContainerConfig>(request, commitShape);
  const made = await commitContainer(engine, query.text("container"), {
    ...(query.text("repo") === "" ? {} : { repo: query.text("repo") }),
    ...(query.text("tag") === "" ? {} : { tag: query.text("tag") }),
    comment: query.text("comment"),
    author: query.text("author"),
    pause: query.text("pause") === "" || query.flag("pause"),
    changes: query.all("changes"),
    ...(config === undefined ? {} : { config }),
    actor,
  });
  return created(made);
}

function pathOf({ query }: ApiRequest): string {
  const path = query.text("path");
  // the missing space is Docker's
  if (path === "") throw invalid("bad parameter: pathcannot be empty");
  return path;
}

function statHeader(stat: object): Record<string, string> {
  return { [STAT_HEADER]: Buffer.from(JSON.stringify(stat)).toString("base64") };
}
