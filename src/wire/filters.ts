// The filters parameter: a JSON map of key to values, written and parsed in both forms that clients send.
import { invalid } from "../base/errors.ts";
import { parseTimestamp } from "./time.ts";

export { parseGoDuration } from "./time.ts";

export type Filters = ReadonlyMap<string, readonly string[]>;

/** `{"k":["v"]}` or the form of newer clients, `{"k":{"v":true}}`. */
export function parseFilters(text: string | undefined): Filters {
  const filters = new Map<string, readonly string[]>();
  if (text === undefined || text === "") return filters;
  for (const [key, value] of Object.entries(parseObject(text))) filters.set(key, valuesOf(value));
  return filters;
}

function parseObject(text: string): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw invalid("invalid filter");
  }
  if (parsed === null) return {};
  if (typeof parsed !== "object" || Array.isArray(parsed)) throw invalid("invalid filter");
  return parsed;
}

function valuesOf(value: unknown): string[] {
  if (value === null) return [];
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return [...new Set(value)];
  if (typeof value === "object" && !Array.isArray(value) && Object.values(value).every((item) => typeof item === "boolean")) return Object.keys(value);
  throw invalid("invalid filter");
}

export function writeFilters(filters: Filters): string {
  const map: Record<string, Record<string, true>> = {};
  for (const [key, values] of filters) map[key] = Object.fromEntries(values.map((value) => [value, true]));
  return JSON.stringify(map);
}

export function checkFilterKeys(filters: Filters, allowed: readonly string[]): void {
  for (const key of filters.keys()) if (!allowed.includes(key)) throw invalid(`invalid filter '${key}'`);
}

/** 1/true/0/false; undefined when the key is not there. Contradictions and other words are refused. */
export function filterBool(filters: Filters, key: string): boolean | undefined {
  const values = filters.get(key);
  if (values === undefined) return undefined;
  const isTrue = values.some((value) => value === "1" || value === "true");
  const isFalse = values.some((value) => value === "0" || value === "false");
  if (values.length === 0) throw invalid(`invalid filter '${key}'`);
  if (isTrue === isFalse) throw invalid(`invalid filter '${key}=[${values.join(" ")}]'`);
  return isTrue;
}

/** Every value, `key` or `key=value`, must be met. */
export function matchLabels(filters: Filters, labels: Readonly<Record<string, string>> | null | undefined, key = "label"): boolean {
  return (filters.get(key) ?? []).every((wanted) => {
    const equals = wanted.indexOf("=");
    const name = equals === -1 ? wanted : wanted.slice(0, equals);
    if (labels === null || labels === undefined || !Object.hasOwn(labels, name)) return false;
    return equals === -1 || labels[name] === wanted.slice(equals + 1);
  });
}

/** The moment, in ms since 1970. */
export function parseUntil(text: string, nowMs: number): number {
  return Number(parseTimestamp(text, nowMs).ns / 1_000_000n);
}
