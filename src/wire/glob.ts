// Docker's `reference` filter: a shell pattern over familiar names. `*` and `?` stop at `/`; without a tag in the
// pattern every tag of the repository matches.
import { invalid } from "../base/errors.ts";
import { familiarName } from "./reference.ts";

/** True if the pattern matches the familiar name of a canonical one, or its repository alone. `invalid` for a broken pattern. */
export function matchReferenceGlob(pattern: string, canonicalName: string): boolean {
  const regular = globToRegExp(pattern);
  const familiar = familiarName(canonicalName);
  return regular.test(familiar) || regular.test(repositoryOf(familiar));
}

function repositoryOf(name: string): string {
  const at = name.indexOf("@");
  if (at >= 0) return name.slice(0, at);
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
}

/** Go's path.Match as a regular expression over the whole text. */
export function globToRegExp(pattern: string): RegExp {
  let source = "";
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? "";
    if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "[") {
      const end = closingBracket(pattern, at);
      source += classSource(pattern.slice(at + 1, end));
      at = end;
    } else if (char === "\\") {
      if (++at >= pattern.length) throw syntaxError(pattern);
      source += escape(pattern[at] ?? "");
    } else source += escape(char);
  }
  try {
    return new RegExp(`^(?:${source})$`, "su");
  } catch {
    throw syntaxError(pattern);
  }
}

function closingBracket(pattern: string, open: number): number {
  let at = open + 1;
  if (pattern[at] === "^") at++;
  for (let first = true; at < pattern.length; at++, first = false) {
    if (pattern[at] === "\\") at++;
    else if (pattern[at] === "]" && !first) return at;
    else if (pattern[at] === "]") break;
  }
  throw syntaxError(pattern);
}

function classSource(inside: string): string {
  const negated = inside.startsWith("^");
  const body = (negated ? inside.slice(1) : inside).replace(/\\(.)|([[\]^])/gsu, (_, escaped: string | undefined, plain: string | undefined) => `\\${escaped ?? plain}`);
  return `(?!/)[${negated ? "^" : ""}${body}]`;
}

function escape(char: string): string {
  return char.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

function syntaxError(pattern: string): Error {
  return invalid(`syntax error in pattern`, { pattern });
}
