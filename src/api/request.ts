// A request as handlers see it: decoded path, query, version, who asks; and the query's values in Docker's reading of them.
import { EngineError, internal, invalid } from "../base/errors.ts";
import type { Actor } from "../engine/actor.ts";
import { type Filters, parseFilters } from "../wire/filters.ts";

export interface ApiRequest {
  readonly method: string;
  /** Decoded, without the version. */
  readonly path: string;
  /** Minor number of the API version spoken: 51 for v1.51. */
  readonly version: number;
  readonly query: Query;
  /** Lower case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** What the route's pattern found, by name. */
  readonly params: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
  readonly actor: Actor;
  /** The client has gone. */
  readonly signal: AbortSignal;
}

/** First value of each name, all values of each. */
export interface Query {
  text(name: string): string;
  all(name: string): string[];
  has(name: string): boolean;
  /** False for nothing, 0, no, false and none; true for everything else. */
  flag(name: string): boolean;
  /** `fallback` when not given at all. */
  flagOr(name: string, fallback: boolean): boolean;
  /** Undefined for nothing; 500 in Docker for what is no number. */
  integer(name: string): number | undefined;
  filters(name?: string): Filters;
}

export function parseQuery(text: string): Query {
  const values = new Map<string, string[]>();
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = unescape(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? "" : unescape(pair.slice(equals + 1));
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return queryOf(values);
}

function queryOf(values: ReadonlyMap<string, readonly string[]>): Query {
  const text = (name: string): string => values.get(name)?.[0] ?? "";
  const flag = (name: string): boolean => !["", "0", "no", "false", "none"].includes(text(name).trim().toLowerCase());
  return {
    text,
    flag,
    all: (name) => [...(values.get(name) ?? [])],
    has: (name) => values.has(name),
    flagOr: (name, fallback) => (values.has(name) ? flag(name) : fallback),
    integer: (name) => (text(name) === "" ? undefined : parseInteger(text(name))),
    filters: (name = "filters") => parseFilters(text(name)),
  };
}

function unescape(text: string): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    const bad = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(spaced)?.[0];
    // well-formed escapes that are no UTF-8 are kept byte by byte, as Go keeps them
    if (bad === undefined) return spaced.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    throw invalid(`invalid URL escape ${JSON.stringify(bad)}`);
  }
}

/** strconv.Atoi with Docker's answer to what is no number. */
export function parseInteger(text: string, make: (message: string) => EngineError = internal): number {
  if (!/^[+-]?\d+$/.test(text)) throw make(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw make(`strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range`);
  return value;
}

/** `param` of a pattern that has it. */
export function param(request: Pick<ApiRequest, "params">, name = "name"): string {
  const value = request.params[name];
  if (value === undefined) throw new Error(`the route has no {${name}}`);
  return value;
}
