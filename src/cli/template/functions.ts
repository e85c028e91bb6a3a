// Functions of templates: Go's own (eq, index, printf, …) and Docker's (json, split, join, title, lower, upper, pad, truncate).
import { writeJson } from "../json-text.ts";
import { sprintf } from "./printf.ts";
import { isGoMap, isNil, isTrue, NO_VALUE, printValue, Row, TypedNil, typeName } from "./value.ts";

type TemplateFunction = { readonly least: number; readonly most: number; call(values: readonly unknown[]): unknown };

const of = (least: number, most: number, call: (values: readonly unknown[]) => unknown): TemplateFunction => ({ least, most, call });
const MANY = Number.POSITIVE_INFINITY;

const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  json: of(1, 1, ([value]) => writeJson(plain(value), { escapeHtml: value instanceof Row })),
  split: of(2, 2, ([text, separator]) => (separator === "" ? Array.from(textOf(text)) : textOf(text).split(textOf(separator)))),
  join: of(2, 2, ([list, separator]) => listOf(list).map(textOf).join(textOf(separator))),
  title: of(1, 1, ([text]) => textOf(text).replace(/(^|[^\p{L}\p{N}_'])(\p{L})/gu, (_all, before: string, letter: string) => before + letter.toUpperCase())),
  lower: of(1, 1, ([text]) => textOf(text).toLowerCase()),
  upper: of(1, 1, ([text]) => textOf(text).toUpperCase()),
  pad: of(3, 3, ([text, before, after]) => (textOf(text) === "" ? "" : " ".repeat(Number(before)) + textOf(text) + " ".repeat(Number(after)))),
  truncate: of(2, 2, ([text, length]) => cutText(textOf(text), Number(length))),
  println: of(0, MANY, (values) => `${values.map((value) => printValue(value)).join(" ")}\n`),
  print: of(0, MANY, print),
  printf: of(1, MANY, ([format, ...values]) => sprintf(textOf(format), values)),
  len: of(1, 1, ([value]) => lengthOf(value)),
  call: of(1, MANY, ([value]) => notAFunction(value)),
  index: of(1, MANY, ([value, ...keys]) => keys.reduce(indexOf, value)),
  slice: of(1, 4, sliceOf),
  not: of(1, 1, ([value]) => !isTrue(value)),
  and: of(1, MANY, (values) => values.find((value) => !isTrue(value)) ?? values.at(-1)),
  or: of(1, MANY, (values) => values.find(isTrue) ?? values.at(-1)),
  eq: of(1, MANY, equalsAny),
  ne: of(2, 2, ([a, b]) => !equals(a, b)),
  lt: of(2, 2, ([a, b]) => compare(a, b) < 0),
  le: of(2, 2, ([a, b]) => compare(a, b) <= 0),
  gt: of(2, 2, ([a, b]) => compare(a, b) > 0),
  ge: of(2, 2, ([a, b]) => compare(a, b) >= 0),
  html: of(0, MANY, (values) => print(values).replace(/[&<>"'\0]/g, (char) => HTML[char]!)),
  js: of(0, MANY, (values) => print(values).replace(/[\\'"<>&=\p{Cc}]/gu, jsEscape)),
  urlquery: of(0, MANY, (values) => encodeURIComponent(print(values)).replaceAll("%20", "+")),
  urlquote: of(0, MANY, (values) => encodeURIComponent(print(values)).replaceAll("%20", "+")),
};

function cutText(text: string, length: number): string {
  if (length < 0) throw new Error(`runtime error: slice bounds out of range [:${length}]`);
  return text.slice(0, length);
}

/** No value of ours is one. */
function notAFunction(value: unknown): never {
  throw new Error(isNil(value) ? "call of nil" : `non-function {} of type ${typeName(value)}`);
}

export const FUNCTION_NAMES: readonly string[] = Object.keys(FUNCTIONS);

export function isRightCount(name: string, count: number): boolean {
  const { least, most } = FUNCTIONS[name]!;
  return count >= least && count <= most;
}

export function callFunction(name: string, values: readonly unknown[]): unknown {
  const fn = FUNCTIONS[name]!;
  if (!isRightCount(name, values.length)) {
    const wanted = fn.most === MANY ? `at least ${fn.least}` : fn.least === fn.most ? String(fn.least) : `${fn.least} to ${fn.most}`;
    throw new Error(`wrong number of args for ${name}: want ${wanted} got ${values.length}`);
  }
  return fn.call(values);
}

/** Go's Sprint: a space between operands when neither is a string. */
function print(values: readonly unknown[]): string {
  let text = "";
  for (const [index, value] of values.entries()) {
    if (index > 0 && typeof value !== "string" && typeof values[index - 1] !== "string") text += " ";
    text += printValue(value);
  }
  return text;
}

function plain(value: unknown): unknown {
  return value === NO_VALUE || value === undefined ? null : value;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (isNil(value)) throw new Error("invalid value; expected string");
  throw new Error(`wrong type for value; expected string; got ${typeName(value)}`);
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof TypedNil) return [];
  throw new Error(`wrong type for value; expected []string; got ${typeName(value)}`);
}

function lengthOf(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof TypedNil) return 0;
  if (isGoMap(value)) return Object.keys(value).length;
  if (isNil(value)) throw new Error("reflect: call of reflect.Value.Type on zero Value");
  throw new Error(`len of type ${typeName(value)}`);
}

function indexOf(value: unknown, key: unknown): unknown {
  if (isNil(value)) throw new Error("index of untyped nil");
  if (value instanceof TypedNil) return value.kind === "map" ? "" : outOfRange(key);
  if (Array.isArray(value) || typeof value === "string") {
    if (typeof key !== "number") throw new Error(`cannot index slice/array with type ${typeName(key)}`);
    if (key < 0 || key >= value.length) return outOfRange(key);
    return typeof value === "string" ? value.charCodeAt(key) : (value[key] as unknown);
  }
  if (isGoMap(value)) {
    if (typeof key !== "string") throw new Error(`value has type ${typeName(key)}; should be string`);
    return Object.hasOwn(value, key) ? value[key] : zeroLike(value);
  }
  throw new Error(`can't index item of type ${typeName(value)}`);
}

/** The zero value of a map's elements, judged by those it has: an empty text in a map of texts. */
function zeroLike(map: Readonly<Record<string, unknown>>): unknown {
  const sample = Object.values(map).find((value) => value !== null);
  if (sample === undefined || typeof sample === "string") return "";
  return Array.isArray(sample) ? new TypedNil("slice") : NO_VALUE;
}

function outOfRange(key: unknown): never {
  throw new Error(`index out of range: ${printValue(key)}`);
}

function sliceOf([value, ...bounds]: readonly unknown[]): unknown {
  if (typeof value !== "string" && !Array.isArray(value)) throw new Error(`can't slice item of type ${typeName(value)}`);
  if (typeof value === "string" && bounds.length > 2) throw new Error("cannot 3-index slice a string");
  const [from = 0, to = value.length] = bounds.map(Number);
  for (const bound of [from, to]) if (bound < 0 || bound > value.length) throw new Error(`index out of range: ${bound}`);
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
  return value.slice(from, to);
}

function equalsAny([first, ...others]: readonly unknown[]): boolean {
  if (others.length === 0) throw new Error("missing argument for comparison");
  return others.some((other) => equals(first, other));
}

function equals(a: unknown, b: unknown): boolean {
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b);
  if (a instanceof TypedNil || b instanceof TypedNil) return false;
  for (const value of [a, b]) if (typeof value === "object") throw new Error(`non-comparable type ${printValue(value)}: ${typeName(value)}`);
  if (isNumeric(a) && isNumeric(b)) {
    if (typeName(a) !== typeName(b)) throw incompatible(a, b);
    return Number(a) === Number(b);
  }
  if (typeof a !== typeof b) throw incompatible(a, b);
  return a === b;
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function compare(a: unknown, b: unknown): number {
  if (isNumeric(a) && isNumeric(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === typeof b) throw new Error("invalid type for comparison");
  throw incompatible(a, b);
}

function incompatible(a: unknown, b: unknown): Error {
  return new Error(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
}

const HTML: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;", "\0": "\uFFFD" };

function jsEscape(char: string): string {
  if (char === "\\" || char === "'" || char === '"') return `\\${char}`;
  return `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}
