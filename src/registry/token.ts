// Asks a token server for a token: by GET with user and password (or nobody), by POST with a refresh token.
import { EngineError } from "../base/errors.ts";
import { jsonProblem } from "../wire/json-problem.ts";
import { failure, failureDetail, inRequest } from "./failure.ts";
import { basicHeader, userPassword } from "./credentials.ts";
import type { AuthConfig } from "./registry.ts";
import { responseError } from "./response-error.ts";
import type { Reply } from "./reply.ts";
import type { Transport, Trust } from "./transport.ts";

export interface TokenRequest {
  realm: string;
  service: string;
  scopes: readonly string[];
  auth: AuthConfig | undefined;
  /** Asks for a refresh token too, as a login does. */
  offline?: boolean;
  trust: Trust;
  /** The registry itself was asked over TLS: then nothing secret goes to a plain token server. */
  secure: boolean;
  userAgent: string;
}

export interface Token {
  token: string;
  expiresMs: number;
  refreshToken?: string;
}

const CLIENT_ID = "docker";
const MIN_LIFE_SECONDS = 60;
const MAX_TOKEN_BYTES = 1024 * 1024;

export async function fetchToken(transport: Transport, request: TokenRequest, signal?: AbortSignal): Promise<Token> {
  const url = URL.parse(request.realm);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) throw failure(`invalid token server address in the registry's answer`);
  if (request.secure && url.protocol === "http:" && hasSecret(request.auth)) throw failure(`refusing to send credentials to ${url.host} without TLS`);
  const startedMs = Date.now();
  const method = request.auth?.identitytoken ? "POST" : "GET";
  const reply = await (method === "POST" ? post(transport, url, request, signal) : get(transport, url, request, signal)).catch((error: unknown) => {
    // a query of the server's own may be a secret
    throw inRequest(error, method, url, URL.parse(request.realm)?.search === "" ? url.search : "");
  });
  return await readToken(reply, startedMs);
}

/** Its codes speak of the token, not of what it was wanted for. */
async function refusalOf(reply: Reply): Promise<EngineError> {
  const error = await responseError(reply);
  const { status, retry } = failureDetail(error);
  return new EngineError(error.kind, error.message, { status, retry, token: true }, error);
}

function hasSecret(auth: AuthConfig | undefined): boolean {
  return Boolean(auth?.identitytoken) || userPassword(auth) !== undefined;
}

function get(transport: Transport, url: URL, request: TokenRequest, signal?: AbortSignal): Promise<Reply> {
  const user = userPassword(request.auth);
  if (user !== undefined) url.searchParams.set("account", user.username);
  if (request.offline === true) {
    url.searchParams.set("client_id", CLIENT_ID);
    url.searchParams.set("offline_token", "true");
  }
  for (const scope of request.scopes) url.searchParams.append("scope", scope);
  if (request.service !== "") url.searchParams.set("service", request.service);
  url.searchParams.sort();
  const headers = { "user-agent": request.userAgent, ...(user === undefined ? {} : { authorization: basicHeader(user) }) };
  return transport.send({ method: "GET", url, headers, trust: request.trust, ...(signal === undefined ? {} : { signal }) });
}

function post(transport: Transport, url: URL, request: TokenRequest, signal?: AbortSignal): Promise<Reply> {
  const form = new URLSearchParams({ client_id: CLIENT_ID, grant_type: "refresh_token", refresh_token: request.auth?.identitytoken ?? "", scope: request.scopes.join(" "), service: request.service });
  const bytes = Buffer.from(form.toString());
  return transport.send({
    method: "POST",
    url,
    headers: { "user-agent": request.userAgent, "content-type": "application/x-www-form-urlencoded" },
    body: { sizeBytes: bytes.length, open: () => once(bytes) },
    trust: request.trust,
    ...(signal === undefined ? {} : { signal }),
  });
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

async function readToken(reply: Reply, startedMs: number): Promise<Token> {
  if (reply.status < 200 || reply.status > 299) throw await refusalOf(reply);
  const text = Buffer.from(await reply.bytes(MAX_TOKEN_BYTES, "token")).toString("utf8");
  let json: { token?: unknown; access_token?: unknown; refresh_token?: unknown; expires_in?: unknown };
  try {
    json = JSON.parse(text) as typeof json;
  } catch {
    throw failure(`unable to decode token response: ${jsonProblem(text)}`);
  }
  const token = [json?.token, json?.access_token].find((value) => typeof value === "string" && value !== "");
  if (typeof token !== "string") throw failure("authorization server did not include a token in the response");
  const seconds = typeof json.expires_in === "number" ? Math.max(json.expires_in, MIN_LIFE_SECONDS) : MIN_LIFE_SECONDS;
  return { token, expiresMs: startedMs + seconds * 1000, ...(typeof json.refresh_token === "string" && json.refresh_token !== "" ? { refreshToken: json.refresh_token } : {}) };
}
