// Search: Docker Hub's v1 search, which some private registries offer too.
import { invalid } from "../base/errors.ts";
import { type EndpointOptions, endpointsOf } from "./endpoint.ts";
import { failure, failureDetail, withoutDetail } from "./failure.ts";
import type { AuthConfig } from "./registry.ts";
import { Session } from "./session.ts";
import type { Transport } from "./transport.ts";

const MAX_BYTES = 4 << 20;
const HUB_SEARCH = "https://index.docker.io";

export interface SearchParts {
  transport: Transport;
  userAgent: string;
  options: EndpointOptions;
}

export async function search(parts: SearchParts, query: { term: string; limit: number; auth: AuthConfig | undefined }): Promise<unknown[]> {
  const { domain, term } = splitTerm(query.term);
  const limit = query.limit === 0 ? 25 : query.limit;
  if (limit < 1 || limit > 100) throw invalid(`limit ${limit} is outside the range of [1, 100]`);
  const direct = await endpointsOf(domain ?? "docker.io", false, parts.options);
  const endpoints = domain === undefined ? direct.map((endpoint) => ({ ...endpoint, base: HUB_SEARCH })) : direct;
  let problem: unknown = failure("no endpoint");
  for (const endpoint of endpoints) {
    try {
      const session = new Session(parts.transport, endpoint, { auth: query.auth, userAgent: parts.userAgent });
      const reply = await session.call("GET", `/v1/search?q=${encodeURIComponent(term)}&n=${limit}`);
      const found = JSON.parse(Buffer.from(await reply.bytes(MAX_BYTES, "search results")).toString()) as { results?: unknown[] };
      return found.results ?? [];
    } catch (error) {
      problem = error;
      if (failureDetail(error).tls === true || failureDetail(error).status !== undefined) break;
    }
  }
  throw withoutDetail(problem);
}

/** `registry.example/term`: the part before the slash is a host if it looks like one. */
function splitTerm(text: string): { domain?: string; term: string } {
  const slash = text.indexOf("/");
  const first = slash < 0 ? "" : text.slice(0, slash);
  if (!/[.:]/.test(first) && first !== "localhost") return { term: text };
  if (first === "docker.io" || first === "index.docker.io") return { term: text.slice(slash + 1) };
  return { domain: first, term: text.slice(slash + 1) };
}
