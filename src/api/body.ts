// Request bodies: JSON of a bounded size, with Docker's words for everything that is wrong with it.
import { invalid } from "../base/errors.ts";
import type { ApiRequest } from "./request.ts";
import { decodeShape, type Shape } from "../wire/go-shape.ts";

const MAX_JSON_BYTES = 4 * 1024 * 1024;

/** Undefined for no body, which is fine for most. */
export async function readJson<T>(request: Pick<ApiRequest, "headers" | "body">, shape: Shape): Promise<T | undefined> {
  checkContentType(request);
  if (!hasBody(request)) return undefined;
  return parseJson<T>(await readText(request), shape);
}

export function parseJson<T>(text: string, shape: Shape): T | undefined {
  if (text.trim() === "") throw invalid("invalid JSON: got EOF while reading request body");
  // a null leaves everything as it was: empty
  return (decodeShape(shape, parseValue(text)) ?? (shape.kind === "object" ? {} : undefined)) as T | undefined;
}

export function hasBody({ headers }: Pick<ApiRequest, "headers">): boolean {
  const length = headers["content-length"];
  return length === undefined ? headers["transfer-encoding"] !== undefined : length !== "0";
}

function checkContentType({ headers }: Pick<ApiRequest, "headers">): void {
  const given = headers["content-type"];
  if (given === undefined || given === "") {
    if (!hasBody({ headers })) return;
    throw invalid("malformed Content-Type header (): mime: no media type");
  }
  const type = (given.split(";", 1)[0] as string).trim().toLowerCase();
  if (type === "") throw invalid(`malformed Content-Type header (${given}): mime: no media type`);
  if (type !== "application/json") throw invalid(`unsupported Content-Type header (${type}): must be 'application/json'`);
}

export async function readText({ body }: Pick<ApiRequest, "body">, limitBytes: number = MAX_JSON_BYTES): Promise<string> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of body) {
    sizeBytes += piece.length;
    if (sizeBytes > limitBytes) throw invalid("http: request body too large");
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid(problemOf(text));
  }
}

/** What Go's decoder would say: it stops after the first value. */
function problemOf(text: string): string {
  const end = firstBadIndex(text);
  if (end === "more") return "unexpected content after JSON";
  if (end >= text.trimEnd().length) return "invalid JSON: unexpected EOF";
  return `invalid JSON: invalid character ${quoted(text[end] as string)} in request body`;
}

function quoted(character: string): string {
  return character === "'" ? "'\\''" : `'${character}'`;
}

/** Where a JSON text goes wrong; "more" when a whole value is followed by something. */
function firstBadIndex(text: string): number | "more" {
  const token = /\s*(?:[{}[\],:]|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;
  let depth = 0;
  let at = 0;
  for (;;) {
    token.lastIndex = at;
    const found = token.exec(text)?.[0].trim();
    if (found === undefined) return unfinished(text, at);
    at = token.lastIndex;
    if (found === "{" || found === "[") depth++;
    else if (found === "}" || found === "]") depth--;
    if (depth < 0) return at - 1;
    if (depth === 0 && text.slice(at).trim() !== "" && isJson(text.slice(0, at))) return "more";
    if (depth === 0 && !isJson(text.slice(0, at))) return Math.max(0, at - 1);
  }
}

/** A string or word that the text's end cut off is "unexpected EOF", anything else stands where it is. */
function unfinished(text: string, at: number): number {
  const start = at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);
  const rest = text.slice(start);
  const cut = /^"(?:[^"\\]|\\.)*\\?$/s.test(rest) || ["true", "false", "null"].some((word) => rest !== "" && word.startsWith(rest.trimEnd()));
  return cut ? text.length : start;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
