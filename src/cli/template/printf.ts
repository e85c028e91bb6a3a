// Go's fmt.Sprintf, as far as templates use it.
import { general } from "../units.ts";
import { printValue, typeName } from "./value.ts";

const VERB = /%([-+# 0]*)(\d+|\*)?(?:\.(\d+|\*)?)?(?:\[(\d+)\])?([a-zA-Z%]|$)/g;

export function sprintf(format: string, values: readonly unknown[]): string {
  let next = 0;
  let reordered = false;
  const take = () => (next < values.length ? { value: values[next++] } : undefined);
  const text = format.replace(VERB, (all: string, flags: string, width: string | undefined, precision: string | undefined, index: string | undefined, verb: string) => {
    if (verb === "%") return "%";
    if (verb === "") return "%!(NOVERB)";
    if (index !== undefined) {
      next = Number(index) - 1;
      reordered = true;
    }
    const columns = width === "*" ? Number(take()?.value) : width === undefined ? 0 : Number(width);
    const digits = precision === "*" ? Number(take()?.value) : precision !== undefined ? Number(precision) : all.includes(".") ? 0 : undefined;
    const operand = take();
    if (!operand) return `%!${verb}(${index === undefined ? "MISSING" : "BADINDEX"})`;
    return padTo(formatVerb(verb, operand.value, flags, digits), columns, flags);
  });
  if (reordered || next >= values.length) return text;
  return `${text}%!(EXTRA ${values.slice(next).map((value) => `${typeName(value)}=${printValue(value)}`).join(", ")})`;
}

function padTo(text: string, width: number, flags: string): string {
  if (flags.includes("-")) return text.padEnd(width);
  if (flags.includes("0") && /^[+-]?\d/.test(text)) {
    const sign = /^[+-]/.exec(text)?.[0] ?? "";
    return sign + text.slice(sign.length).padStart(width - sign.length, "0");
  }
  return text.padStart(width);
}

function formatVerb(verb: string, value: unknown, flags: string, digits: number | undefined): string {
  if (Array.isArray(value) && !"vT".includes(verb)) return `[${value.map((item) => formatVerb(verb, item, flags, digits)).join(" ")}]`;
  const wrong = () => `%!${verb}(${typeName(value)}=${printValue(value)})`;
  const plus = (text: string) => (flags.includes("+") && !text.startsWith("-") ? `+${text}` : text);
  const integer = typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
  switch (verb) {
    case "v":
      return flags.includes("#") && typeof value === "string" ? JSON.stringify(value) : printValue(value);
    case "s":
      return typeof value === "number" || typeof value === "boolean" ? wrong() : cut(printValue(value), digits);
    case "q":
      return typeof value === "string" ? JSON.stringify(value) : integer ? `'${String.fromCodePoint(Number(value))}'` : wrong();
    case "U":
      return integer ? `U+${Number(value).toString(16).toUpperCase().padStart(4, "0")}` : wrong();
    case "d":
      return integer ? plus(String(value)) : wrong();
    case "t":
      return typeof value === "boolean" ? String(value) : wrong();
    case "T":
      return typeName(value);
    case "x":
    case "X":
      return hex(verb, value, integer, flags.includes(" ") ? " " : "") ?? wrong();
    case "o":
    case "b":
      return integer ? BigInt(value as number).toString(verb === "o" ? 8 : 2) : wrong();
    case "c":
      return integer ? String.fromCodePoint(Number(value)) : wrong();
    case "f":
    case "F":
      return typeof value === "number" ? plus(value.toFixed(digits ?? 6)) : wrong();
    case "e":
      return typeof value === "number" ? plus(value.toExponential(digits ?? 6).replace(/e([+-])(\d)$/, "e$10$2")) : wrong();
    case "g":
      return typeof value === "number" ? plus(digits === undefined ? printValue(value) : general(value, digits)) : wrong();
    default:
      return wrong();
  }
}

function hex(verb: string, value: unknown, integer: boolean, between: string): string | undefined {
  const text = integer ? BigInt(value as number).toString(16) : typeof value === "string" ? (Buffer.from(value).toString("hex").match(/../g) ?? []).join(between) : undefined;
  return verb === "X" ? text?.toUpperCase() : text;
}

function cut(text: string, digits: number | undefined): string {
  return digits === undefined ? text : Array.from(text).slice(0, digits).join("");
}
