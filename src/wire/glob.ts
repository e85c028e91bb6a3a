// The `reference` filter: Go's path.Match on familiar names.
import { internal } from "../base/errors.ts";
import { familiarName, familiarRepository } from "./reference.ts";

/** The pattern meets the whole familiar name, or the repository alone. */
export function matchReferenceGlob(pattern: string, canonicalName: string): boolean {
  const expression = compile(pattern);
  const name = familiarName(canonicalName);
  return expression.test(name) || expression.test(familiarRepository(repositoryOf(canonicalName)));
}

function repositoryOf(name: string): string {
  const beforeDigest = name.split("@", 1)[0] as string;
  const colon = beforeDigest.lastIndexOf(":");
  return colon > beforeDigest.lastIndexOf("/") ? beforeDigest.slice(0, colon) : beforeDigest;
}

function compile(pattern: string): RegExp {
  let source = "";
  for (let at = 0; at < pattern.length; ) {
    const token = /^(?:\*|\?|\[\^?(?:\\[\s\S]|[^\\\]])(?:\\[\s\S]|[^\\\]])*\]|\\[\s\S]|[^*?[\\])/u.exec(pattern.slice(at))?.[0];
    if (token === undefined) throw badPattern();
    source += expressionFor(token);
    at += token.length;
  }
  return new RegExp(`^${source}$`, "su");
}

function expressionFor(token: string): string {
  if (token === "*") return "[^/]*";
  if (token === "?") return "[^/]";
  if (token.startsWith("[") && token.length > 1) return classFor(token);
  return literal(token.startsWith("\\") ? token.slice(1) : token);
}

function classFor(token: string): string {
  const negated = token.startsWith("[^");
  const items = [...token.slice(negated ? 2 : 1, -1).matchAll(/\\?([\s\S])(?:-(\\?)([\s\S]))?/gu)];
  const body = items.map(([whole, from = "", , to]) => {
    if (whole === "-" || whole.startsWith("-")) throw badPattern();
    if (to !== undefined && from > to) return "";
    return to === undefined ? inClass(from) : `${inClass(from)}-${inClass(to)}`;
  });
  return `[${negated ? "^" : ""}${body.join("")}]`;
}

function literal(character: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

/** A dash may be escaped there only. */
function inClass(character: string): string {
  return character === "-" ? "\\-" : literal(character);
}

// Docker answers 500 here
function badPattern(): Error {
  return internal("syntax error in pattern");
}
