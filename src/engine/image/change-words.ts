// The words of a Dockerfile instruction's arguments, as far as `--change` needs them: quotes, escapes, JSON lists.
import { invalid } from "../../base/errors.ts";

/** A JSON list of strings, or undefined if the text is none. */
export function jsonList(text: string): string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const parsed = JSON.parse(text) as unknown;
    return Array.isArray(parsed) && parsed.every((each) => typeof each === "string") ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Words parted by blanks; quotes and backslashes keep blanks in. Quotes stay. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word = "";
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (char === "\\" && quote !== "'" && at + 1 < text.length) word += char + (text[++at] ?? "");
    else if (quote !== "") {
      word += char;
      if (char === quote) quote = "";
    } else if (char === '"' || char === "'") {
      quote = char;
      word += char;
    } else if (/\s/.test(char)) {
      if (word !== "") words.push(word);
      word = "";
    } else word += char;
  }
  if (quote !== "") throw invalid(`unexpected end of statement while looking for matching ${quote === '"' ? "double-quote" : "single-quote"}`);
  if (word !== "") words.push(word);
  return words;
}

/** A word without its quotes and escapes. */
export function unquote(word: string): string {
  let text = "";
  let quote = "";
  for (let at = 0; at < word.length; at++) {
    const char = word[at] ?? "";
    if (char === "\\" && quote !== "'" && at + 1 < word.length) text += word[++at] ?? "";
    else if (quote !== "" && char === quote) quote = "";
    else if (quote === "" && (char === '"' || char === "'")) quote = char;
    else text += char;
  }
  return text;
}

/** `A=1 B="2 3"`, or the old `A 1 2 3`. */
export function keyValues(name: string, text: string): [string, string][] {
  const words = splitWords(text);
  const first = words[0];
  if (first === undefined) throw invalid(`${name} requires at least one argument`);
  if (!first.includes("=")) {
    const rest = text.trim().slice(first.length).trim();
    if (rest === "") throw invalid(`${name} must have two arguments`);
    return [[first, unquoteWhole(rest)]];
  }
  return words.map((word) => {
    const equals = word.indexOf("=");
    if (equals < 0) throw invalid(`Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`);
    if (equals === 0) throw invalid(`${name} names can not be blank`);
    return [unquote(word.slice(0, equals)), unquote(word.slice(equals + 1))];
  });
}

function unquoteWhole(text: string): string {
  return splitWords(text).map(unquote).join(" ");
}
