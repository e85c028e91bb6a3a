// Reads a tar pushed in pieces of any size: headers of every dialect are resolved into entries, payloads pass through,
// and every other byte is handed on as it is, so that the archive can be written again exactly.
import { BLOCK, padding, parseTarHeader, TarError, type TarHeader } from "./tar-header.ts";

/** An entry with PAX, GNU long names and sparse maps applied. Names are byte strings. */
export interface Entry {
  name: string;
  type: string;
  mode: number;
  uid: number;
  gid: number;
  /** Bytes of the file as it will be (for sparse ones with the holes). */
  size: number;
  mtimeSeconds: bigint;
  mtimeNanoseconds: number;
  linkName: string;
  devMajor: number;
  devMinor: number;
  xattrs: ReadonlyMap<string, Uint8Array>;
  /** Where the payload goes: pieces of the file, in order. */
  extents: readonly Extent[];
}

export interface Extent {
  offset: number;
  length: number;
}

export interface TarSink {
  /** Bytes that are no file's contents: headers, padding, the end, whatever follows it. */
  raw(bytes: Uint8Array): void;
  entry(entry: Entry): void;
  /** Contents of the entry last given, in order; `extents` say where they belong. */
  payload(bytes: Uint8Array): void;
  /** The payload is whole. */
  entryEnd(): void;
}

const MAX_META = 4 << 20;

type State =
  | { at: "header" }
  | { at: "meta"; header: TarHeader; parts: Uint8Array[]; left: number }
  | { at: "gnu-sparse"; header: TarHeader; extents: Extent[]; realSize: number }
  | { at: "pax-sparse-map"; header: TarHeader; text: string; left: number }
  | { at: "payload"; left: number; pad: number }
  | { at: "raw"; left: number }
  | { at: "end" };

export class TarReader {
  private state: State = { at: "header" };
  private pending: Buffer = Buffer.alloc(0);
  private global = new Map<string, string>();
  private pax = new Map<string, string>();
  private longName: string | undefined;
  private longLink: string | undefined;
  private zeroBlocks = 0;
  private any = false;

  constructor(private readonly sink: TarSink) {}

  push(chunk: Uint8Array): void {
    let bytes = this.pending.length === 0 ? asBuffer(chunk) : Buffer.concat([this.pending, chunk]);
    for (;;) {
      const used = this.step(bytes);
      if (used === 0) break;
      bytes = bytes.subarray(used);
      if (bytes.length === 0) break;
    }
    // the chunk's memory may be used again by whoever gave it
    this.pending = bytes.length === 0 ? Buffer.alloc(0) : Buffer.from(bytes);
  }

  /** Call once after the last piece; a cut archive is an error. */
  end(): void {
    const { at } = this.state;
    if (at === "end" || (at === "header" && this.pending.length === 0 && (this.any || this.zeroBlocks > 0))) return;
    if (at === "header" && this.pending.length === 0) return;
    throw new TarError("unexpected EOF");
  }

  /** Bytes used; 0 if more are needed. */
  private step(bytes: Buffer): number {
    const state = this.state;
    switch (state.at) {
      case "header":
        return bytes.length < BLOCK ? 0 : this.header(bytes.subarray(0, BLOCK));
      case "payload":
        return this.payload(state, bytes);
      case "raw": {
        const take = Math.min(state.left, bytes.length);
        this.sink.raw(bytes.subarray(0, take));
        state.left -= take;
        if (state.left === 0) this.state = { at: "header" };
        return take;
      }
      case "meta":
        return this.meta(state, bytes);
      case "gnu-sparse":
        return bytes.length < BLOCK ? 0 : this.gnuSparse(state, bytes.subarray(0, BLOCK));
      case "pax-sparse-map":
        return bytes.length < BLOCK ? 0 : this.paxSparseMap(state, bytes.subarray(0, BLOCK));
      case "end":
        this.sink.raw(bytes);
        return bytes.length;
    }
  }

  private header(block: Buffer): number {
    const header = parseTarHeader(block);
    this.sink.raw(block);
    if (header === undefined) {
      if (++this.zeroBlocks === 2) this.state = { at: "end" };
      return BLOCK;
    }
    this.zeroBlocks = 0;
    this.any = true;
    if (header.size < 0) throw new TarError("archive/tar: invalid tar header");
    if ("xgLK".includes(header.type)) {
      if (header.size > MAX_META) throw new TarError("archive/tar: header field too long");
      this.state = { at: "meta", header, parts: [], left: header.size + padding(header.size) };
      if (header.size === 0) this.finishMeta(header, Buffer.alloc(0));
    } else if (header.type === "S") {
      const extents = sparseEntries(block, 386, 4);
      this.state = { at: "gnu-sparse", header, extents, realSize: octal(block, 483, 12) };
      if (block[482] === 0) this.beginEntry(header, { extents, realSize: octal(block, 483, 12) }, header.size);
    } else this.plainHeader(header);
    return BLOCK;
  }

  private plainHeader(header: TarHeader): void {
    const attributes = this.attributes();
    const size = Number(attributes.get("size") ?? header.size);
    if (!Number.isSafeInteger(size) || size < 0) throw new TarError("archive/tar: invalid tar header");
    const major = attributes.get("GNU.sparse.major");
    if (major === "1" && attributes.get("GNU.sparse.minor") === "0") {
      this.state = { at: "pax-sparse-map", header, text: "", left: size };
      return;
    }
    const map = attributes.get("GNU.sparse.map");
    if (map !== undefined) {
      const numbers = map.split(",").filter((part) => part !== "").map(Number);
      this.beginEntry(header, { extents: pairs(numbers), realSize: Number(attributes.get("GNU.sparse.size") ?? 0) }, size);
      return;
    }
    this.beginEntry(header, undefined, size);
  }

  private meta(state: Extract<State, { at: "meta" }>, bytes: Buffer): number {
    const take = Math.min(state.left, bytes.length);
    const piece = Buffer.from(bytes.subarray(0, take));
    this.sink.raw(piece);
    state.parts.push(piece);
    state.left -= take;
    if (state.left === 0) this.finishMeta(state.header, Buffer.concat(state.parts).subarray(0, state.header.size));
    return take;
  }

  private finishMeta(header: TarHeader, content: Buffer): void {
    this.state = { at: "header" };
    const text = () => content.toString("latin1").replace(/\0+$/, "");
    if (header.type === "L") this.longName = text();
    else if (header.type === "K") this.longLink = text();
    else if (header.type === "x") this.pax = parsePax(content);
    else this.setGlobal(parsePax(content));
  }

  private setGlobal(records: ReadonlyMap<string, string>): void {
    for (const [key, value] of records) {
      if (value === "") this.global.delete(key);
      else this.global.set(key, value);
    }
  }

  private gnuSparse(state: Extract<State, { at: "gnu-sparse" }>, block: Buffer): number {
    this.sink.raw(block);
    state.extents.push(...sparseEntries(block, 0, 21));
    if (block[504] === 0) this.beginEntry(state.header, { extents: state.extents, realSize: state.realSize }, state.header.size);
    return BLOCK;
  }

  /** PAX sparse 1.0: the map is text in front of the payload, in whole blocks. */
  private paxSparseMap(state: Extract<State, { at: "pax-sparse-map" }>, block: Buffer): number {
    this.sink.raw(block);
    state.text += block.toString("latin1");
    state.left -= BLOCK;
    if (state.left < 0 || state.text.length > MAX_META) throw new TarError("archive/tar: invalid sparse map");
    const lines = state.text.split("\n");
    const count = Number(lines[0]);
    if (lines.length > 1 && Number.isSafeInteger(count) && lines.length > 1 + 2 * count) {
      const attributes = this.attributes();
      const realSize = Number(attributes.get("GNU.sparse.realsize") ?? 0);
      this.beginEntry(state.header, { extents: pairs(lines.slice(1, 1 + 2 * count).map(Number)), realSize }, state.left);
    }
    return BLOCK;
  }

  private beginEntry(header: TarHeader, sparse: { extents: Extent[]; realSize: number } | undefined, stored: number): void {
    const attributes = this.attributes();
    const isFile = header.type === "0" || header.type === "7" || header.type === "S";
    // links, devices and directories have no payload, whatever their size says
    const payload = "123456".includes(header.type) ? 0 : stored;
    if (sparse !== undefined) checkSparse(sparse, stored);
    const mtime = attributes.get("mtime");
    const [seconds, nanoseconds] = mtime === undefined ? [BigInt(header.mtime), 0] : paxTime(mtime);
    this.sink.entry({
      name: attributes.get("GNU.sparse.name") ?? attributes.get("path") ?? this.longName ?? header.name,
      type: isFile ? "0" : header.type,
      mode: header.mode & 0o7777,
      uid: id(attributes.get("uid"), header.uid),
      gid: id(attributes.get("gid"), header.gid),
      size: isFile ? (sparse?.realSize ?? stored) : 0,
      mtimeSeconds: seconds,
      mtimeNanoseconds: nanoseconds,
      linkName: attributes.get("linkpath") ?? this.longLink ?? header.linkName,
      devMajor: header.devMajor,
      devMinor: header.devMinor,
      xattrs: xattrsOf(attributes),
      extents: isFile ? (sparse?.extents ?? [{ offset: 0, length: stored }]) : [],
    });
    this.pax = new Map();
    this.longName = this.longLink = undefined;
    if (isFile && payload > 0) this.state = { at: "payload", left: payload, pad: padding(payload) };
    else {
      this.sink.entryEnd();
      this.state = payload > 0 ? { at: "raw", left: payload + padding(payload) } : { at: "header" };
    }
  }

  private payload(state: Extract<State, { at: "payload" }>, bytes: Buffer): number {
    const take = Math.min(state.left, bytes.length);
    this.sink.payload(bytes.subarray(0, take));
    state.left -= take;
    if (state.left === 0) {
      this.sink.entryEnd();
      this.state = state.pad > 0 ? { at: "raw", left: state.pad } : { at: "header" };
    }
    return take;
  }

  private attributes(): Map<string, string> {
    if (this.global.size === 0) return this.pax;
    return new Map([...this.global, ...this.pax]);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function octal(block: Buffer, offset: number, length: number): number {
  if (((block[offset] ?? 0) & 0x80) !== 0) {
    let value = 0;
    for (let at = 1; at < length; at++) value = value * 256 + (block[offset + at] ?? 0);
    return value;
  }
  return Number.parseInt(block.toString("latin1", offset, offset + length).replace(/[\0 ]/g, "") || "0", 8);
}

function sparseEntries(block: Buffer, offset: number, count: number): Extent[] {
  const extents: Extent[] = [];
  for (let index = 0; index < count; index++) {
    const at = offset + index * 24;
    if ((block[at] ?? 0) === 0) break;
    extents.push({ offset: octal(block, at, 12), length: octal(block, at + 12, 12) });
  }
  return extents;
}

function pairs(numbers: readonly number[]): Extent[] {
  const extents: Extent[] = [];
  for (let at = 0; at + 1 < numbers.length; at += 2) extents.push({ offset: numbers[at] ?? 0, length: numbers[at + 1] ?? 0 });
  return extents;
}

function checkSparse({ extents, realSize }: { extents: readonly Extent[]; realSize: number }, stored: number): void {
  let end = 0;
  let sum = 0;
  for (const { offset, length } of extents) {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < end || length < 0) throw new TarError("archive/tar: invalid sparse map");
    end = offset + length;
    sum += length;
  }
  if (end > realSize || sum !== stored) throw new TarError("archive/tar: invalid sparse map");
}

function parsePax(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  const sparse: string[] = [];
  let at = 0;
  while (at < content.length && content[at] !== 0) {
    const space = content.indexOf(0x20, at);
    const length = Number(content.toString("latin1", at, space < 0 ? at : space));
    if (space < 0 || !Number.isSafeInteger(length) || length < 5 || at + length > content.length || content[at + length - 1] !== 0x0a) throw new TarError("archive/tar: invalid tar header");
    const record = content.toString("latin1", space + 1, at + length - 1);
    const equals = record.indexOf("=");
    if (equals < 1) throw new TarError("archive/tar: invalid tar header");
    const [key, value] = [record.slice(0, equals), record.slice(equals + 1)];
    // PAX sparse 0.0 repeats these keys: together they are 0.1's map
    if (key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes") sparse.push(value);
    else records.set(key, value);
    at += length;
  }
  if (sparse.length > 0) records.set("GNU.sparse.map", sparse.join(","));
  return records;
}

function paxTime(text: string): [bigint, number] {
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text);
  if (match === null) throw new TarError("archive/tar: invalid tar header");
  const [, sign = "", whole = "0", fraction = ""] = match;
  const nanoseconds = Number(fraction.slice(0, 9).padEnd(9, "0"));
  if (sign === "") return [BigInt(whole), nanoseconds];
  return nanoseconds === 0 ? [-BigInt(whole), 0] : [-BigInt(whole) - 1n, 1_000_000_000 - nanoseconds];
}

function id(text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isSafeInteger(value) || value < 0 || value > 0xffff_ffff) throw new TarError("archive/tar: invalid tar header");
  return value;
}

const SCHILY = "SCHILY.xattr.";
const LIBARCHIVE = "LIBARCHIVE.xattr.";

function xattrsOf(attributes: ReadonlyMap<string, string>): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const [key, value] of attributes) {
    if (key.startsWith(LIBARCHIVE)) found.set(decodeURIComponent(key.slice(LIBARCHIVE.length)), Buffer.from(value, "base64"));
    else if (key.startsWith(SCHILY)) found.set(key.slice(SCHILY.length), Buffer.from(value, "latin1"));
  }
  return found;
}
