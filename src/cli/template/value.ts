// The values templates work on, seen as Go sees them: rows with methods, maps, lists, typed nils; their names and truth.
import { goTimeOfText } from "../time-text.ts";

/** An object whose members are computed when asked for, and which `{{json .}}` writes with its keys sorted. */
export class Row {
  constructor(
    /** As Go names the type in errors: `*formatter.ContainerContext`. */
    readonly type: string,
    readonly fields: Readonly<Record<string, () => unknown>>,
    /** Members that take arguments: `.Label "k"`. */
    readonly methods: Readonly<Record<string, (argument: string) => unknown>> = {},
    /** Unknown members are `<no value>` instead of an error (column titles). */
    readonly lenient = false,
  ) {}

  toJSON(): Record<string, unknown> {
    return Object.fromEntries(Object.keys(this.fields).toSorted().map((name) => [name, this.fields[name]!()]));
  }
}

/** A nil that has a type: an empty list or map, or a pointer to nothing. */
export class TypedNil {
  constructor(readonly kind: "map" | "slice" | "pointer") {}
  toJSON(): null {
    return null;
  }
}

/** A time of the daemon's JSON: templates print it as Go does. */
export class GoTime {
  constructor(readonly text: string) {}
  toString(): string {
    return goTimeOfText(this.text);
  }
  toJSON(): string {
    return this.text;
  }
}

/** What a key that is not in a map gives. */
export const NO_VALUE = Symbol("no value");

export type GoMap = Readonly<Record<string, unknown>>;

export function isGoMap(value: unknown): value is GoMap {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Row) && !(value instanceof TypedNil) && !(value instanceof GoTime);
}

export function isTrue(value: unknown): boolean {
  if (value === undefined || value === null || value === NO_VALUE || value instanceof TypedNil) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (isGoMap(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

export function isNil(value: unknown): boolean {
  return value === undefined || value === null || value === NO_VALUE;
}

export function typeName(value: unknown): string {
  if (isNil(value)) return "nil";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number" || typeof value === "bigint") return Number.isInteger(value) || typeof value === "bigint" ? "int" : "float64";
  if (Array.isArray(value)) return "[]interface {}";
  if (value instanceof Row) return value.type;
  if (value instanceof TypedNil) return value.kind === "slice" ? "[]interface {}" : "map[string]interface {}";
  return "map[string]interface {}";
}

/** Members of Docker's answers that are Go maps; other objects are structs, which Go prints without keys. */
export const MAP_NAMES: ReadonlySet<string> = new Set([
  "Labels", "Options", "Volumes", "ExposedPorts", "Ports", "PortBindings", "Networks", "Sysctls", "Annotations", "StorageOpt", "Tmpfs", "DriverOpts",
  "Containers", "AuxiliaryAddresses", "Data", "Attributes", "IndexConfigs", "Runtimes", "Details",
]);

/** Prints as fmt does with %v. `name` is the member the value was found under. */
export function printValue(value: unknown, name = ""): string {
  if (value === NO_VALUE) return "<no value>";
  if (isNil(value)) return "<nil>";
  if (value instanceof TypedNil) return value.kind === "pointer" ? "<nil>" : value.kind === "map" ? "map[]" : "[]";
  if (typeof value === "number") return printNumber(value);
  if (Array.isArray(value)) return `[${value.map((item) => printValue(item, name === "" ? "" : "struct")).join(" ")}]`;
  if (value instanceof Row) return `{${Object.values(value.fields).map((field) => printValue(field())).join(" ")}}`;
  if (isGoMap(value)) return printMap(value, name);
  return String(value);
}

function printMap(value: GoMap, name: string): string {
  const entries = Object.entries(value);
  if (name !== "" && !MAP_NAMES.has(name)) {
    const members = entries.map(([key, member]) => printValue(member, name === "LogConfig" && key === "Config" ? "Options" : key));
    if (name === "State" && !("Health" in value)) members.push("<nil>");
    return `{${members.join(" ")}}`;
  }
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `map[${sorted.map(([key, member]) => `${key}:${printValue(member, "struct")}`).join(" ")}]`;
}

/** Go's %v of a number: integers as they are, floats in their shortest form. */
export function printNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value);
  const [mantissa, exponent] = value.toExponential().split("e") as [string, string];
  if (Number(exponent) < -4 || Number(exponent) >= 21) return `${mantissa}e${exponent.startsWith("-") ? "-" : "+"}${exponent.replace(/^[+-]/, "").padStart(2, "0")}`;
  return String(value);
}
