// What Go's encoding/json says of a text that is no JSON.

const LITERALS = ["true", "false", "null"] as const;
const SPACE = " \t\r\n";
const MAX_DEPTH = 10_000;

class Problem extends Error {}

/** Undefined if it is JSON. */
export function jsonProblem(text: string): string | undefined {
  try {
    const end = value(text, space(text, 0), 0);
    const rest = space(text, end);
    if (rest < text.length) fail(text, rest, "after top-level value");
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}

function fail(text: string, at: number, where: string): never {
  const character = text.codePointAt(at);
  if (character === undefined) throw new Problem("unexpected end of JSON input");
  throw new Problem(`invalid character ${quoted(String.fromCodePoint(character))} ${where}`);
}

function quoted(character: string): string {
  if (character === "'") return String.raw`'\''`;
  if (character === '"') return `'"'`;
  return `'${JSON.stringify(character).slice(1, -1)}'`;
}

function space(text: string, from: number): number {
  let at = from;
  while (at < text.length && SPACE.includes(text[at] ?? "")) at++;
  return at;
}

/** Where the value ends that begins at `at`. */
function value(text: string, at: number, depth: number): number {
  if (depth > MAX_DEPTH) throw new Problem("exceeded max depth");
  const first = text[at] ?? "";
  if (first === "{") return collection(text, at, { end: "}", depth });
  if (first === "[") return collection(text, at, { end: "]", depth });
  if (first === '"') return string(text, at);
  if (first !== "" && "-0123456789".includes(first)) return number(text, at);
  const literal = LITERALS.find((each) => each[0] === first);
  if (literal === undefined) return fail(text, at, "looking for beginning of value");
  for (let index = 1; index < literal.length; index++) if (text[at + index] !== literal[index]) fail(text, at + index, `in literal ${literal} (expecting '${literal[index]}')`);
  return at + literal.length;
}

function collection(text: string, from: number, { end, depth }: { end: "}" | "]"; depth: number }): number {
  const isObject = end === "}";
  let at = space(text, from + 1);
  if (text[at] === end) return at + 1;
  for (;;) {
    if (isObject) {
      if (text[at] !== '"') fail(text, at, "looking for beginning of object key string");
      at = space(text, string(text, at));
      if (text[at] !== ":") fail(text, at, "after object key");
      at = space(text, at + 1);
    }
    at = space(text, value(text, at, depth + 1));
    if (text[at] === end) return at + 1;
    if (text[at] !== ",") fail(text, at, isObject ? "after object key:value pair" : "after array element");
    at = space(text, at + 1);
  }
}

function string(text: string, from: number): number {
  for (let at = from + 1; ; at++) {
    const character = text[at];
    if (character === '"') return at + 1;
    if (character === undefined || character < " ") fail(text, at, "in string literal");
    if (character !== "\\") continue;
    at++;
    if (text[at] === "u") {
      for (let digit = 1; digit <= 4; digit++) if (!/^[0-9a-f]$/i.test(text[at + digit] ?? "")) fail(text, at + digit, String.raw`in \u hexadecimal character escape`);
      at += 4;
    } else if (!'bfnrt\\/"'.includes(text[at] ?? "\0")) fail(text, at, "in string escape code");
  }
}

function number(text: string, from: number): number {
  let at = from;
  const digits = (where: string): void => {
    if (!isDigit(text[at])) fail(text, at, where);
    while (isDigit(text[at])) at++;
  };
  if (text[at] === "-") at++;
  if (text[at] === "0") at++;
  else digits("in numeric literal");
  if (text[at] === ".") {
    at++;
    digits("after decimal point in numeric literal");
  }
  if (text[at] === "e" || text[at] === "E") {
    at++;
    if (text[at] === "+" || text[at] === "-") at++;
    digits("in exponent of numeric literal");
  }
  return at;
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= "0" && character <= "9";
}
