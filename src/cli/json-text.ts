// JSON as the daemon sends it and Go writes it: integers beyond 2^53 survive, key order is kept, texts match Go's encoder.

/** JSON.parse, but integers that a number cannot hold become bigint. */
export function parseJson(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return JSON.parse(text, keepLargeIntegers as (this: unknown, key: string, value: unknown) => unknown);
}

function keepLargeIntegers(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/** Go's json.Marshal of decoded JSON; `escapeHtml` as json.Marshal does by default. `indent` as json.MarshalIndent. */
export function writeJson(value: unknown, options: { escapeHtml?: boolean; indent?: string } = {}): string {
  const text = write(value, options.indent ?? "", "");
  const escaped = text.replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
  return options.escapeHtml ? escaped.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`) : escaped;
}

function write(value: unknown, indent: string, margin: string): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return brackets("[", "]", value.map((item) => write(item, indent, margin + indent)), indent, margin);
  if (value !== null && typeof value === "object") {
    if ("toJSON" in value && typeof value.toJSON === "function") return write(value.toJSON(), indent, margin);
    const colon = indent === "" ? ":" : ": ";
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => `${JSON.stringify(key)}${colon}${write(member, indent, margin + indent)}`);
    return brackets("{", "}", members, indent, margin);
  }
  return JSON.stringify(value) ?? "null";
}

function brackets(open: string, close: string, items: readonly string[], indent: string, margin: string): string {
  if (items.length === 0) return open + close;
  if (indent === "") return `${open}${items.join(",")}${close}`;
  const inner = margin + indent;
  return `${open}\n${items.map((item) => inner + item).join(",\n")}\n${margin}${close}`;
}

/** Go's json.Indent: the text as it is, laid out anew. */
export function indentJson(text: string, indent: string): string {
  let out = "";
  let depth = 0;
  let at = 0;
  const newline = () => `\n${indent.repeat(depth)}`;
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
  const tokens = text.match(token) ?? [];
  for (; at < tokens.length; at++) {
    const piece = tokens[at]!;
    const next = tokens[at + 1];
    if (piece === "{" || piece === "[") {
      if (next === "}" || next === "]") {
        out += piece + next;
        at++;
        continue;
      }
      depth++;
      out += piece + newline();
    } else if (piece === "}" || piece === "]") {
      depth--;
      out += newline() + piece;
    } else if (piece === ",") out += piece + newline();
    else if (piece === ":") out += ": ";
    else out += piece;
  }
  return out;
}
