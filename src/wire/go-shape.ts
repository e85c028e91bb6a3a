// Shapes of JSON bodies: checks types with the words of Go's decoder, and finds members whatever their case, as Go does.
import { invalid } from "../base/errors.ts";
import { sortedByKey } from "../base/sorted-by-key.ts";

export type Shape =
  | { kind: "any" | "words" }
  | { kind: "string"; type?: string }
  | { kind: "bool" | "float" }
  | { kind: "integer"; type: string }
  | { kind: "list"; of: Shape; length?: number; type?: string }
  | { kind: "map"; of: Shape; type?: string }
  | ObjectShape;

interface ObjectShape {
  kind: "object";
  type: string;
  owner: string;
  members: Readonly<Record<string, Shape>>;
  /** Members that are not given have the zero value of their type. */
  isFilled?: boolean;
}

export const any: Shape = { kind: "any" };
/** A string or a list of them. */
export const words: Shape = { kind: "words" };
export const string: Shape = { kind: "string" };
export const bool: Shape = { kind: "bool" };
export const integer = (type: string): Shape => ({ kind: "integer", type });
export const list = (of: Shape, type?: string): Shape => ({ kind: "list", of, ...(type === undefined ? {} : { type }) });
export const pair = (of: Shape): Shape => ({ kind: "list", of, length: 2 });
export const map = (of: Shape, type?: string): Shape => ({ kind: "map", of, ...(type === undefined ? {} : { type }) });
/** `type` is the name that Go's messages show for the whole; `owner` before the names of members, without its package unless given. */
export const object = (type: string, members: Readonly<Record<string, Shape>>, owner = type.slice(type.indexOf(".") + 1)): ObjectShape => ({
  kind: "object",
  type,
  owner,
  members,
});

/** An object that Go shows with all its members: those that are not given are empty, 0 or false. */
export const filled = (shape: ObjectShape): ObjectShape => ({ ...shape, isFilled: true });

/** The value with its members' names as the shape spells them, in the shape's order; unknown members are dropped, null means not given. */
export function decodeShape(shape: Shape, value: unknown): unknown {
  return decode(shape, value, { owner: "", path: [] });
}

interface Place {
  /** Name of the outermost Go struct. */
  owner: string;
  path: readonly string[];
  /** Directly in a list. */
  inList?: boolean;
}

function decode(shape: Shape, value: unknown, place: Place): unknown {
  if (value === null || value === undefined) return undefined;
  switch (shape.kind) {
    case "any":
      return value;
    case "words":
      return decodeWords(value);
    case "string":
      return typeof value === "string" ? value : refuse(shape, value, place);
    case "bool":
      return typeof value === "boolean" ? value : refuse(shape, value, place);
    case "float":
      return typeof value === "number" ? value : refuse(shape, value, place);
    case "integer":
      return decodeInteger(shape, value, place);
    case "list":
      if (!Array.isArray(value)) return refuse(shape, value, place);
      return value.map((item, index) => decode(shape.of, item, { ...place, path: [...place.path, String(index)], inList: true }) ?? zeroOf(shape.of));
    case "map":
      if (!isObject(value)) return refuse(shape, value, place);
      return decodeMap(shape, value, place);
    case "object":
      return isObject(value) ? decodeObject(shape, value, place) : refuse(shape, value, place);
    default:
      return shape satisfies never;
  }
}

/** What Go makes of a null among the items of a list or map. */
function zeroOf(shape: Shape): unknown {
  switch (shape.kind) {
    case "string":
      return "";
    case "integer":
    case "float":
      return 0;
    case "bool":
      return false;
    case "object":
      return shape.isFilled === true ? zerosOf(shape) : {};
    default:
      return null;
  }
}

function zerosOf({ members }: ObjectShape): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, zeroOf(member)]));
}

function decodeInteger(shape: Shape & { kind: "integer" }, value: unknown, place: Place): unknown {
  if (typeof value !== "number") return refuse(shape, value, place);
  const fits = Number.isInteger(value) && (!shape.type.startsWith("u") || value >= 0);
  return fits ? value : refuse(shape, value, place, `number ${String(value)}`);
}

function decodeObject(shape: ObjectShape, value: object, place: Place): object {
  const owner = place.path.length === 0 ? shape.owner : place.owner;
  const decoded: Record<string, unknown> = shape.isFilled === true ? zerosOf(shape) : {};
  for (const [key, item] of Object.entries(value)) {
    const name = Object.hasOwn(shape.members, key) ? key : memberLike(shape, key);
    if (name === undefined) continue;
    const member = decode(shape.members[name] as Shape, item, { owner, path: [...place.path, name] });
    if (member !== undefined) decoded[name] = member;
  }
  return Object.fromEntries(Object.keys(shape.members).flatMap((name) => (Object.hasOwn(decoded, name) ? [[name, decoded[name]]] : [])));
}

/** Texts come out sorted, as Go writes them again. */
function decodeMap(shape: Shape & { kind: "map" }, value: object, place: Place): object {
  const entries = Object.entries(value).map(([key, item]) => [key, decode(shape.of, item, { owner: place.owner, path: [...place.path, escape(key)] }) ?? zeroOf(shape.of)] as const);
  const decoded = Object.fromEntries(entries);
  return shape.of.kind === "string" ? sortedByKey(decoded) : decoded;
}

function memberLike(shape: ObjectShape, key: string): string | undefined {
  const lower = key.toLowerCase();
  return Object.keys(shape.members).find((name) => name.toLowerCase() === lower);
}

function decodeWords(value: unknown): unknown {
  if (typeof value === "string") return [value];
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw invalid(`invalid JSON: json: cannot unmarshal ${nameOf(Array.isArray(value) ? value.find((item) => typeof item !== "string") : value)} into Go value of type string`);
}

/** As in JSON pointers. */
function escape(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuse(shape: Shape, value: unknown, place: Place, what: string = nameOf(value)): never {
  throw invalid(`invalid JSON: json: cannot unmarshal ${what} into ${whereIs(place)} of type ${typeName(shape)}`);
}

function whereIs({ owner, path, inList = false }: Place): string {
  if (path.length === 0) return "Go value";
  return `${inList ? "" : "Go struct field "}${owner}.${path.join(".")}`;
}

function nameOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function typeName(shape: Shape): string {
  switch (shape.kind) {
    case "any":
      return "interface {}";
    case "words":
      return "strslice.StrSlice";
    case "float":
      return "float64";
    case "string":
      return shape.type ?? "string";
    case "integer":
      return shape.type;
    case "list":
      return shape.type ?? `[${shape.length ?? ""}]${typeName(shape.of)}`;
    case "map":
      return shape.type ?? `map[string]${typeName(shape.of)}`;
    case "object":
      return shape.type;
    case "bool":
      return "bool";
    default:
      return shape satisfies never;
  }
}
