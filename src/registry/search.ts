// Search: Docker Hub's v1 search, which some private registries offer too.
import { EngineError, invalid } from "../base/errors.ts";
import { jsonProblem } from "../wire/json-problem.ts";
import { type Endpoint, type EndpointOptions, endpointsOf } from "./endpoint.ts";
import { failure, withoutDetail } from "./failure.ts";
import type { AuthConfig, SearchResult } from "./registry.ts";
import { Session } from "./session.ts";
import type { Transport } from "./transport.ts";

const MAX_BYTES = 4 << 20;
const HUB_SEARCH = "https://index.docker.io";
const REFUSALS = [400, 401, 403, 404, 405, 406, 410, 429, 500, 501, 502, 503, 504];

export interface SearchParts {
  transport: Transport;
  userAgent: string;
  options: EndpointOptions;
}

export interface SearchQuery {
  /** With a registry's host before it, where it is not Docker Hub that is meant. */
  term: string;
  limit: number;
  auth: AuthConfig | undefined;
}

export async function search(parts: SearchParts, query: SearchQuery): Promise<SearchResult[]> {
  const { domain, term } = splitTerm(query.term);
  const endpoints = await endpointsOf(domain ?? "docker.io", false, parts.options);
  const sessionOf = (endpoint: Endpoint): Session => new Session(parts.transport, endpoint, { auth: query.auth, userAgent: parts.userAgent });
  try {
    const session = domain === undefined ? sessionOf({ ...(endpoints[0] as Endpoint), base: HUB_SEARCH }) : await findV1(endpoints.map(sessionOf), domain);
    return await ask(session, `/v1/search?${new URLSearchParams({ q: term, n: String(query.limit) }).toString()}`);
  } catch (error) {
    throw withoutDetail(error);
  }
}

async function ask(session: Session, path: string): Promise<SearchResult[]> {
  const reply = await session.call("GET", path, { accept: REFUSALS, showsQuery: true });
  if (reply.status >= 300) {
    reply.discard();
    throw failure(`Unexpected status code ${reply.status}`);
  }
  const text = Buffer.from(await reply.bytes(MAX_BYTES, "search results")).toString("utf8");
  const problem = jsonProblem(text);
  if (problem !== undefined) throw failure(`error decoding registry search results: ${problem}`);
  const { results } = (JSON.parse(text) ?? {}) as { results?: unknown };
  return Array.isArray(results) ? results.map((result) => read((result ?? {}) as Partial<SearchResult>)) : [];
}

function read({ star_count, is_official, name, description }: Partial<SearchResult>): SearchResult {
  // what is automated is not known any more
  return { star_count: Number(star_count) || 0, is_official: is_official === true, name: name ?? "", is_automated: false, description: description ?? "" };
}

/** The first that speaks, TLS before plain HTTP. */
async function findV1(sessions: readonly Session[], domain: string): Promise<Session> {
  const problems: string[] = [];
  for (const session of sessions) {
    try {
      (await session.call("GET", "/v1/_ping", { accept: REFUSALS })).discard();
      return session;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      problems.push(error.message);
    }
  }
  const [first = "", second] = problems;
  if (second !== undefined) throw invalid(`invalid registry endpoint "http://${domain}/v1/". HTTPS attempt: ${first}. HTTP attempt: ${second}`);
  throw invalid(
    `invalid registry endpoint https://${domain}/v1/: ${first}. If this private registry supports only HTTP or HTTPS with an unknown CA certificate, please add \`--insecure-registry ${domain}\` to the daemon's arguments. In the case of HTTPS, if you have access to the registry's CA certificate, no need for the flag; simply place the CA certificate at /etc/docker/certs.d/${domain}/ca.crt`,
  );
}

/** `registry.example/term`: the part before the slash is a host if it looks like one. */
function splitTerm(text: string): { domain?: string; term: string } {
  if (text.includes("://")) throw invalid(`invalid repository name: repository name (${text}) should not have a scheme`);
  const slash = text.indexOf("/");
  const first = slash < 0 ? "" : text.slice(0, slash);
  const rest = text.slice(slash + 1);
  if (!/[.:]/.test(first) && first !== "localhost") return { term: text.replace(/^library\//, "") };
  return first === "docker.io" || first === "index.docker.io" ? { term: rest.replace(/^library\//, "") } : { domain: first, term: rest };
}
