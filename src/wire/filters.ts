// The `filters=` parameter: read in both its forms, checked in Docker's words, matched.
import { invalid } from "../base/errors.ts";
import { parseTimestamp } from "./time.ts";

/** Key → values in the order given. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/** `{"k":["v"]}` or the older `{"k":{"v":true}}`; nothing gives no filters. */
export function parseFilters(text: string | undefined): Filters {
  const filters = new Map<string, readonly string[]>();
  if (text === undefined || text === "") return filters;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw invalid("invalid filter");
  }
  if (parsed === null) return filters;
  if (typeof parsed !== "object" || Array.isArray(parsed)) throw invalid("invalid filter");
  for (const [key, values] of Object.entries(parsed)) filters.set(key, valuesOf(values));
  return filters;
}

function valuesOf(values: unknown): string[] {
  if (values === null) return [];
  if (Array.isArray(values)) {
    if (!values.every((value) => typeof value === "string")) throw invalid("invalid filter");
    return [...new Set(values)];
  }
  if (typeof values !== "object" || !Object.values(values as object).every((value) => typeof value === "boolean")) throw invalid("invalid filter");
  return Object.entries(values as Record<string, boolean>).filter(([, on]) => on).map(([value]) => value);
}

export function writeFilters(filters: Filters): string {
  const object: Record<string, Record<string, boolean>> = {};
  for (const [key, values] of filters) object[key] = Object.fromEntries(values.map((value) => [value, true]));
  return JSON.stringify(object);
}

/** `invalid filter 'KEY'` for the first key that isn't allowed. */
export function checkFilterKeys(filters: Filters, allowed: readonly string[]): void {
  for (const key of filters.keys()) if (!allowed.includes(key)) throw invalid(`invalid filter '${key}'`);
}

const BOOLEAN: Readonly<Record<string, boolean>> = { "1": true, true: true, "0": false, false: false };

/** The boolean under a key; undefined where it is absent. Contradictions and other words are `invalid`. */
export function filterBool(filters: Filters, key: string): boolean | undefined {
  const values = filters.get(key);
  if (values === undefined || values.length === 0) return undefined;
  const wanted = new Set(values.map((value) => (Object.hasOwn(BOOLEAN, value) ? BOOLEAN[value] : undefined)));
  const [only] = wanted;
  if (wanted.size !== 1 || only === undefined) throw invalid(`invalid filter '${key}=[${values.join(" ")}]'`);
  return only;
}

/** True if every value (`k` or `k=v`) under `key` is among the labels; true where the key is absent. */
export function matchLabels(filters: Filters, labels: Readonly<Record<string, string>>, key = "label"): boolean {
  return (filters.get(key) ?? []).every((value) => {
    const equals = value.indexOf("=");
    const name = equals < 0 ? value : value.slice(0, equals);
    return Object.hasOwn(labels, name) && (equals < 0 || labels[name] === value.slice(equals + 1));
  });
}

/** A prune's `until`: ms since 1970. */
export function parseUntil(text: string, nowMs: number): number {
  return Number(parseTimestamp(text, nowMs).ns / 1_000_000n);
}
