// The engine as a whole: ping, version, info, events, disk usage, credentials.
import { invalid, notFound } from "../../base/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import { checkAuth } from "../../engine/system/auth.ts";
import { eventStream } from "../../engine/system/events.ts";
import { systemInfo } from "../../engine/system/info.ts";
import { diskUsage, type UsageType } from "../../engine/system/usage.ts";
import { systemVersion } from "../../engine/system/version.ts";
import type { PullRequest } from "../../engine/image/pull.ts";
import { readText } from "../body.ts";
import { imageSummaryFor } from "../compat.ts";
import { parseJson } from "../body.ts";
import { json, jsonLines, type Reply } from "../reply.ts";
import { type ApiRequest, param } from "../request.ts";
import type { Route } from "../router.ts";
import { authShape } from "../shapes/network.ts";

export const systemRoutes: readonly Route[] = [
  ["GET", "/_ping", () => ping("OK")],
  ["HEAD", "/_ping", () => ping("")],
  ["GET", "/version", (engine) => json(systemVersion(engine))],
  ["GET", "/info", info],
  ["GET", "/events", events],
  ["GET", "/system/df", usage],
  ["POST", "/auth", auth],
  ["GET", "/plugins", plugins],
  ["GET", "/plugins/privileges", () => json([])],
  ["GET", "/plugins/{name}/json", noPlugin],
  ["DELETE", "/plugins/{name}", noPlugin],
  ["POST", "/plugins/{name}/enable", noPlugin],
  ["POST", "/plugins/{name}/disable", noPlugin],
  ["POST", "/plugins/{name}/push", noPlugin],
  ["POST", "/plugins/{name}/upgrade", noPlugin],
  ["POST", "/plugins/{name}/set", noPlugin],
];

const USAGE_TYPES: readonly UsageType[] = ["container", "image", "volume", "build-cache"];

function ping(body: string): Reply {
  return {
    kind: "text",
    status: 200,
    body,
    // 1: the classic builder; there is no BuildKit here to ask for a session
    headers: { "Builder-Version": "1", "Cache-Control": "no-cache, no-store, must-revalidate", Pragma: "no-cache", Swarm: "inactive" },
  };
}

function info(engine: Engine, { version }: ApiRequest): Reply {
  const facts = systemInfo(engine) as Record<string, unknown>;
  if (version < 47) for (const name of ["FirewallBackend"]) delete facts[name];
  return json(facts);
}

function events(engine: Engine, { query, signal }: ApiRequest): Reply {
  const since = query.text("since");
  const until = query.text("until");
  const stream = eventStream(engine, { ...(since === "" ? {} : { since }), ...(until === "" ? {} : { until }), filters: query.filters(), signal });
  return { kind: "stream", status: 200, contentType: "application/json", eager: true, pieces: jsonLines(stream) };
}

async function usage(engine: Engine, { query, version }: ApiRequest): Promise<Reply> {
  const types = version < 42 ? [] : query.all("type");
  const unknown = types.find((type) => !USAGE_TYPES.includes(type as UsageType));
  if (unknown !== undefined) throw invalid(`unknown object type: ${unknown}`);
  const report = (await diskUsage(engine, new Set(types as UsageType[]))) as { Images: Parameters<typeof imageSummaryFor>[1][] | null };
  // here the counts are there in every version
  const images = report.Images?.map((image) => (version < 44 ? { ...image, VirtualSize: image.Size } : image)) ?? null;
  return json({ ...report, Images: images });
}

async function auth(engine: Engine, request: ApiRequest): Promise<Reply> {
  const text = await readText(request);
  const config = parseJson<NonNullable<PullRequest["auth"]>>(text, authShape) ?? {};
  return json(await checkAuth(engine, config));
}

function plugins(_engine: Engine, { query }: ApiRequest): Reply {
  query.filters();
  return json([]);
}

function noPlugin(_engine: Engine, request: ApiRequest): never {
  throw notFound(`plugin ${JSON.stringify(param(request))} not found`);
}
