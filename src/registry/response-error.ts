// What a registry's refusal means, in the words of Docker's distribution client.
import { EngineError, type ErrorKind } from "../base/errors.ts";
import { jsonProblem } from "../wire/json-problem.ts";
import { parseChallenges } from "./challenge.ts";
import { failure, type FailureDetail } from "./failure.ts";
import type { Reply } from "./reply.ts";

interface RegistryError {
  code?: string;
  message?: string;
  /** Nothing but the code: Docker shows that alone then. */
  bare?: boolean;
}

const MAX_ERROR_BYTES = 64 * 1024;
const UNAUTHORIZED_MESSAGE = "authentication required";
const DENIED_MESSAGE = "requested access to the resource is denied";
/** Registries that say only the code get the text of Docker's list. */
const MESSAGES: Record<string, string> = {
  UNAUTHORIZED: UNAUTHORIZED_MESSAGE,
  DENIED: DENIED_MESSAGE,
  MANIFEST_UNKNOWN: "manifest unknown",
  NAME_UNKNOWN: "repository name not known to registry",
  NAME_INVALID: "invalid repository name",
  BLOB_UNKNOWN: "blob unknown to registry",
  BLOB_UPLOAD_UNKNOWN: "blob upload unknown to registry",
  BLOB_UPLOAD_INVALID: "blob upload invalid",
  DIGEST_INVALID: "provided digest did not match uploaded content",
  MANIFEST_INVALID: "manifest invalid",
  MANIFEST_BLOB_UNKNOWN: "blob unknown to registry",
  UNSUPPORTED: "The operation is unsupported.",
  TOOMANYREQUESTS: "too many requests",
  UNAVAILABLE: "service unavailable",
  SIZE_INVALID: "provided length did not match content length",
  RANGE_INVALID: "invalid content range",
  TAG_INVALID: "manifest tag did not match URI",
  MANIFEST_UNVERIFIED: "manifest failed signature verification",
  PAGINATION_NUMBER_INVALID: "invalid number of results requested",
  UNKNOWN: "unknown error",
};

const CODES: Readonly<Record<number, string>> = { 401: "UNAUTHORIZED", 403: "DENIED", 429: "TOOMANYREQUESTS" };

/** Which decides the status that the client gets. */
const KINDS: Record<string, ErrorKind> = {
  UNAUTHORIZED: "unauthorized",
  DENIED: "forbidden",
  MANIFEST_UNKNOWN: "not_found",
  NAME_UNKNOWN: "not_found",
  BLOB_UNKNOWN: "not_found",
  NAME_INVALID: "invalid",
  MANIFEST_INVALID: "invalid",
  TOOMANYREQUESTS: "exhausted",
};

/** Reads the refusal; the reply is used up. */
export async function responseError(reply: Reply): Promise<EngineError> {
  const detail: FailureDetail = { status: reply.status, retry: mayRetry(reply.status), tls: reply.url.protocol === "https:", ...retryAfter(reply) };
  if (reply.status >= 500 || reply.status < 400) {
    reply.discard();
    return failure(`received unexpected HTTP status: ${reply.status} ${reply.statusText}`.trimEnd(), detail);
  }
  const body = await readBody(reply);
  return build(errorsOf(reply, body), detail);
}

function errorsOf(reply: Reply, body: string): RegistryError[] | string {
  const parsed = isJson(reply) ? parseBody(reply.status, body) : [{ code: codeOf(reply.status), message: body }];
  const scoped = oauthError(reply);
  if (scoped !== undefined) return Array.isArray(parsed) ? [scoped, ...parsed.filter((error) => error.code !== scoped.code)] : [scoped];
  if (typeof parsed === "string" && reply.status === 401) return [{ code: "UNAUTHORIZED", message: UNAUTHORIZED_MESSAGE }];
  return parsed;
}

/** What is not said in JSON is shown as it is. */
function isJson(reply: Reply): boolean {
  const type = (reply.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  return type === "application/json" || type === "application/vnd.api+json";
}

function codeOf(status: number): string {
  return CODES[status] ?? "UNKNOWN";
}

/** RFC 6750 errors come in the challenge. */
function oauthError(reply: Reply): RegistryError | undefined {
  for (const { scheme, parameters } of parseChallenges(reply.headers["www-authenticate"])) {
    if (scheme !== "bearer") continue;
    const code = parameters["error"] === "invalid_token" ? "UNAUTHORIZED" : parameters["error"] === "insufficient_scope" ? "DENIED" : undefined;
    if (code !== undefined) return { code, message: parameters["error_description"] || MESSAGES[code] || "" };
  }
  return undefined;
}

function parseBody(status: number, body: string): RegistryError[] | string {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return `error parsing HTTP ${status} response body: ${jsonProblem(body)}: ${JSON.stringify(body)}`;
  }
  const { details, errors } = (json ?? {}) as { details?: unknown; errors?: unknown };
  if (typeof details === "string" && details !== "") {
    return [{ code: codeOf(status), message: details }];
  }
  if (!Array.isArray(errors) || errors.length === 0) return `error parsing HTTP ${status} response body: no error details found in HTTP response body: ${JSON.stringify(body)}`;
  return errors.map((entry) => {
    const { code, message, detail } = (entry ?? {}) as { code?: unknown; message?: unknown; detail?: unknown };
    const known = typeof code === "string" && code in MESSAGES ? code : "UNKNOWN";
    return { code: known, message: typeof message === "string" && message !== "" ? message : (MESSAGES[known] ?? ""), bare: (detail ?? undefined) === undefined && MESSAGES[known] !== undefined && (message === "" || message === MESSAGES[known]) };
  });
}

function build(errors: RegistryError[] | string, detail: FailureDetail): EngineError {
  if (typeof errors === "string") return failure(errors, detail);
  const texts = errors.map(textOf);
  const text = texts.length === 1 ? (texts[0] ?? "") : `errors:\n${texts.join("\n")}\n`;
  const code = errors[0]?.code ?? "UNKNOWN";
  const told = { ...detail, code, ...(texts.length > 1 ? { first: texts[0] ?? "" } : {}), ...(errors[0]?.bare === true ? { bare: true } : {}) };
  return code in KINDS ? new EngineError(KINDS[code] ?? "internal", text, told) : failure(text, told);
}

function textOf({ code = "UNKNOWN", message = "", bare = false }: RegistryError): string {
  const name = code.toLowerCase().replaceAll("_", " ");
  return bare ? name : `${name}: ${message}`;
}

async function readBody(reply: Reply): Promise<string> {
  try {
    return Buffer.from(await reply.bytes(MAX_ERROR_BYTES, "error response")).toString("utf8");
  } catch {
    // the status has to do
    return "";
  }
}

function mayRetry(status: number): boolean {
  return status === 408 || status === 429 || status === 500 || status === 502 || status === 503 || status === 504;
}

function retryAfter(reply: Reply): { retryAfterSeconds?: number } {
  const text = reply.headers["retry-after"];
  if (text === undefined) return {};
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? { retryAfterSeconds: Math.min(Math.max(Math.ceil(seconds), 0), 120) } : {};
}
