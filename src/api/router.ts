// Method and path → handler. Tables are literals; the first row that fits wins.
import { EngineError, notFound } from "../base/errors.ts";
import type { Engine } from "../engine/engine.ts";
import { problemReply } from "./problem.ts";
import { parseQuery, type ApiRequest } from "./request.ts";
import { empty, json, type Reply } from "./reply.ts";
import { negotiate, splitVersion } from "./version.ts";

export type Handler = (engine: Engine, request: ApiRequest) => Reply | Promise<Reply>;

/** `{name}` takes one or more characters, slashes too: image names have them. */
export type Route = readonly [method: string, pattern: string, handler: Handler, sinceVersion?: number];

interface CompiledRoute {
  expression: RegExp;
  names: readonly string[];
  handler: Handler;
  sinceVersion: number;
}

export type RawRequest = Pick<ApiRequest, "method" | "headers" | "body" | "actor" | "signal"> & {
  /** As in the request line. */
  url: string;
};

export interface Router {
  /** Never throws: what goes wrong is a reply. */
  dispatch(engine: Engine, request: RawRequest): Promise<Reply>;
}

export function createRouter(tables: readonly (readonly Route[])[]): Router {
  const routes = compile(tables.flat());
  return {
    async dispatch(engine, raw) {
      try {
        return await answer(routes, engine, raw);
      } catch (error) {
        return problemReply(error, engine.log, `${raw.method} ${raw.url.slice(0, 200)}`);
      }
    },
  };
}

async function answer(routes: ReadonlyMap<string, readonly CompiledRoute[]>, engine: Engine, raw: RawRequest): Promise<Reply> {
  const question = raw.url.indexOf("?");
  const decoded = decodePath(question === -1 ? raw.url : raw.url.slice(0, question));
  if (decoded === undefined) return { kind: "text", status: 400, body: "400 Bad Request" };
  const { text, path } = splitVersion(decoded);
  const found = raw.method === "OPTIONS" ? undefined : find(routes, raw.method, path);
  if (raw.method === "OPTIONS" && [...routes.keys()].some((key) => find(routes, key.slice(0, key.indexOf(" ")), path) !== undefined)) return empty(200);
  if (found === undefined) return notFoundReply();
  const version = versionOf(text);
  if (typeof version !== "number") return version;
  if (version < found.route.sinceVersion) throw notFound(`"${raw.method} ${path}" requires API version 1.${found.route.sinceVersion}, but the Docker daemon API version is 1.${version}`);
  const query = parseQuery(question === -1 ? "" : raw.url.slice(question + 1));
  return found.route.handler(engine, { ...raw, path, version, query, params: found.params });
}

/** Too old clients read plain text. */
function versionOf(text: string | undefined): number | Reply {
  try {
    return negotiate(text);
  } catch (error) {
    if (!(error instanceof EngineError) || !error.message.includes("too old")) throw error;
    return { kind: "text", status: 400, body: `${error.message}\n` };
  }
}

function notFoundReply(): Reply {
  return json({ message: "page not found" }, 404);
}

/** Undefined when an escape is none; escapes that are no UTF-8 stay as they are. */
function decodePath(path: string): string | undefined {
  // some clients send the whole address
  const local = path.startsWith("/") ? path : path.replace(/^[a-z]+:\/\/[^/]*/i, "");
  if (!local.includes("%")) return local;
  if (/%(?![0-9a-fA-F]{2})/.test(local)) return undefined;
  try {
    return decodeURIComponent(local);
  } catch {
    return local;
  }
}

function compile(routes: readonly Route[]): Map<string, CompiledRoute[]> {
  const compiled = new Map<string, CompiledRoute[]>();
  for (const [method, pattern, handler, sinceVersion = 0] of routes) {
    const names: string[] = [];
    const source = pattern.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      names.push(name);
      return "(.+)";
    });
    const key = `${method} ${firstPart(pattern)}`;
    const list = compiled.get(key) ?? [];
    list.push({ expression: new RegExp(`^${source}$`, "s"), names, handler, sinceVersion });
    compiled.set(key, list);
  }
  return compiled;
}

function find(routes: ReadonlyMap<string, readonly CompiledRoute[]>, method: string, path: string): { route: CompiledRoute; params: Record<string, string> } | undefined {
  for (const route of routes.get(`${method} ${firstPart(path)}`) ?? []) {
    const match = route.expression.exec(path);
    if (match === null) continue;
    return { route, params: Object.fromEntries(route.names.map((name, index) => [name, match[index + 1] as string])) };
  }
  return undefined;
}

function firstPart(path: string): string {
  const slash = path.indexOf("/", 1);
  return slash === -1 ? path : path.slice(0, slash);
}
