// The protobuf messages of shim v2, field by field. Sources: containerd api/runtime/task/v2/shim.proto, api/events/task.proto, ttrpc.
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";

/** Fields by number, as they come: varints as numbers, the rest as bytes; repeated ones in order. */
export type Fields = ReadonlyMap<number, readonly (number | Uint8Array)[]>;

export function readFields(bytes: Uint8Array): Fields {
  const fields = new Map<number, (number | Uint8Array)[]>();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    let value: number | Uint8Array;
    if (wireType === 0) value = Number(reader.int64());
    else if (wireType === 2) value = reader.bytes();
    else {
      reader.skip(wireType);
      continue;
    }
    const known = fields.get(number);
    if (known === undefined) fields.set(number, [value]);
    else known.push(value);
  }
  return fields;
}

export function numberOf(fields: Fields, field: number): number {
  const value = fields.get(field)?.at(-1);
  return typeof value === "number" ? value : 0;
}

export function bytesOf(fields: Fields, field: number): Uint8Array {
  const value = fields.get(field)?.at(-1);
  return value instanceof Uint8Array ? value : new Uint8Array(0);
}

export function textOf(fields: Fields, field: number): string {
  return new TextDecoder().decode(bytesOf(fields, field));
}

/** google.protobuf.Timestamp → ms since 1970; 0 if absent. */
export function timeOf(fields: Fields, field: number): number {
  const time = readFields(bytesOf(fields, field));
  return numberOf(time, 1) * 1000 + numberOf(time, 2) / 1e6;
}

type Value = string | number | boolean | Uint8Array | readonly string[] | readonly Uint8Array[] | undefined;

/** A message from field numbers; what is empty, 0 or false is left out, as proto3 does. */
export function writeFields(values: Readonly<Record<number, Value>>): Uint8Array {
  const writer = new BinaryWriter();
  for (const [key, value] of Object.entries(values)) {
    const field = Number(key);
    if (value === undefined || value === "" || value === 0 || value === false) continue;
    if (typeof value === "string") writer.tag(field, 2).string(value);
    else if (typeof value === "number") writer.tag(field, 0).uint64(value);
    else if (value === true) writer.tag(field, 0).bool(true);
    else if (value instanceof Uint8Array) writer.tag(field, 2).bytes(value);
    else for (const each of value) writer.tag(field, 2).bytes(typeof each === "string" ? new TextEncoder().encode(each) : each);
  }
  return writer.finish();
}

/** google.protobuf.Any */
export function anyOf(typeUrl: string, value: Uint8Array): Uint8Array {
  return writeFields({ 1: typeUrl, 2: value });
}
