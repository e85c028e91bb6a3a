// One grammar for every list and prune: KEY=VALUE as Docker has it, and `KEY!` for the opposite of any key.
import { invalid } from "../base/errors.ts";
import { parseGoDuration } from "../wire/time.ts";
import { filterBool, matchLabels, type Filters } from "../wire/filters.ts";

/** Makes a test of a row from a key's values (one at least). */
export type Term<R> = (values: readonly string[], key: string) => (row: R) => boolean;
export type Terms<R> = Readonly<Record<string, Term<R>>>;

/** Keys are joined by AND. `invalid filter 'KEY'` for unknown ones. */
export function compileFilter<R>(filters: Filters, terms: Terms<R>): (row: R) => boolean {
  const tests: ((row: R) => boolean)[] = [];
  for (const [key, values] of filters) {
    if (values.length === 0) continue;
    const own = Object.hasOwn(terms, key) ? terms[key] : undefined;
    if (own !== undefined) {
      tests.push(own(values, key));
      continue;
    }
    const plain = key.endsWith("!") ? key.slice(0, -1) : "";
    const positive = Object.hasOwn(terms, plain) ? terms[plain] : undefined;
    if (positive === undefined) throw invalid(key === "" ? "invalid filter" : `invalid filter '${key}'`);
    const test = positive(values, key);
    tests.push((row) => !test(row));
  }
  return (row) => tests.every((test) => test(row));
}

/** True if any value passes. */
export function anyOf<R>(make: (value: string) => (row: R) => boolean): Term<R> {
  return (values) => {
    const tests = values.map(make);
    return (row) => tests.some((test) => test(row));
  };
}

/** Exact, or an unanchored regular expression; a broken one matches nothing. */
export function matchesName(pattern: string): (name: string) => boolean {
  let regular: RegExp | undefined;
  try {
    regular = new RegExp(pattern);
  } catch {
    // Docker ignores it silently
  }
  return (name) => name === pattern || (regular?.test(name) ?? false);
}

/** A term for `k` or `k=v`, all of which must be there. */
export function labelTerm<R>(labelsOf: (row: R) => Readonly<Record<string, string>>): Term<R> {
  return (values, key) => {
    const only = new Map([[key, values]]);
    return (row) => matchLabels(only, labelsOf(row), key);
  };
}

/** One boolean, or several that agree. */
export function booleanOf(values: readonly string[], key: string): boolean {
  return filterBool(new Map([[key, values]]), key) ?? false;
}

/** A Go duration, or days (`7d`) or weeks (`2w`), in ms. */
export function parseAgeMs(text: string, key: string): number {
  const long = /^(\d+)([dw])$/.exec(text);
  if (long !== null) return Number(long[1]) * (long[2] === "w" ? 7 : 1) * 24 * 3600 * 1000;
  try {
    return parseGoDuration(text) / 1e6;
  } catch (error) {
    throw invalid(`invalid filter '${key}=[${text}]'`, {}, error);
  }
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1, b: 1, k: 1e3, kb: 1e3, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9, t: 1e12, tb: 1e12,
  kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3, tib: 1024 ** 4,
};

/** `100MB` (decimal, as Docker shows sizes), `100MiB`, `1.5g` or bytes. */
export function parseSizeBytes(text: string, key: string): number {
  const parts = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = UNITS[(parts?.[2] ?? "?").toLowerCase()];
  if (parts === null || unit === undefined) throw invalid(`invalid filter '${key}=[${text}]'`);
  return Math.floor(Number(parts[1]) * unit);
}
