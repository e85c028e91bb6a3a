// One 512-byte tar header: read in every dialect (V7, ustar, GNU, star), written as ustar. Names are byte strings (latin1).

export const BLOCK = 512;

export interface TarHeader {
  /** As in the header: ustar prefix joined, nothing else applied yet. */
  name: string;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  /** Whole seconds. */
  mtime: number;
  /** One byte: "0" file, "1" hard link, "2" symlink, "3" character, "4" block, "5" directory, "6" FIFO, "L"/"K" GNU long, "x"/"g" PAX, "S" GNU sparse. */
  type: string;
  linkName: string;
  devMajor: number;
  devMinor: number;
}

export class TarError extends Error {}

/** undefined for a block of zeros. */
export function parseTarHeader(block: Uint8Array): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (!checksumFits(block)) throw new TarError("archive/tar: invalid tar header");
  const bytes = Buffer.from(block.buffer, block.byteOffset, BLOCK);
  const magic = bytes.toString("latin1", 257, 265);
  const isGnu = magic === "ustar  \0";
  const isUstar = !isGnu && magic.startsWith("ustar");
  const prefix = isUstar ? text(bytes, 345, magic.startsWith("ustar") && bytes.toString("latin1", 508, 512) === "tar\0" ? 131 : 155) : "";
  const name = text(bytes, 0, 100);
  const typeByte = bytes[156] ?? 0;
  const type = typeByte === 0 ? (name.endsWith("/") ? "5" : "0") : String.fromCharCode(typeByte);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    mode: number(bytes, 100, 8),
    uid: number(bytes, 108, 8),
    gid: number(bytes, 116, 8),
    size: number(bytes, 124, 12),
    mtime: number(bytes, 136, 12),
    type,
    linkName: text(bytes, 157, 100),
    devMajor: isGnu || isUstar ? number(bytes, 329, 8) : 0,
    devMinor: isGnu || isUstar ? number(bytes, 337, 8) : 0,
  };
}

function checksumFits(block: Uint8Array): boolean {
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < BLOCK; at++) {
    const byte = at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
    unsigned += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  const stored = number(Buffer.from(block.buffer, block.byteOffset, BLOCK), 148, 8);
  return stored === unsigned || stored === signed;
}

function text(bytes: Buffer, offset: number, length: number): string {
  const end = bytes.indexOf(0, offset);
  return bytes.toString("latin1", offset, end < 0 || end > offset + length ? offset + length : end);
}

/** Octal text, or base 256 where the first bit is set. */
function number(bytes: Buffer, offset: number, length: number): number {
  const first = bytes[offset] ?? 0;
  if ((first & 0x80) !== 0) {
    let value = (first & 0x40) !== 0 ? -1n : 0n;
    for (let at = 0; at < length; at++) {
      const byte = at === 0 ? first & ((first & 0x40) !== 0 ? 0xff : 0x7f) : (bytes[offset + at] ?? 0);
      value = (value << 8n) | BigInt(byte);
    }
    const result = Number(value);
    if (!Number.isSafeInteger(result)) throw new TarError("archive/tar: invalid tar header");
    return result;
  }
  const digits = bytes.toString("latin1", offset, offset + length).replace(/[\0 ]+$/, "").replace(/^[ \0]+/, "");
  if (digits === "") return 0;
  const cut = digits.indexOf("\0");
  const octal = cut < 0 ? digits : digits.slice(0, cut);
  if (!/^-?[0-7]+\s*$/.test(octal)) throw new TarError("archive/tar: invalid tar header");
  return Number.parseInt(octal, 8);
}

/** One entry to write; `pax` holds what the ustar header has no room for. */
export interface TarEntry extends Omit<TarHeader, "linkName" | "devMajor" | "devMinor"> {
  linkName?: string;
  devMajor?: number;
  devMinor?: number;
  /** Further PAX records: values are byte strings. */
  pax?: ReadonlyMap<string, string>;
}

const MAX_OCTAL_SIZE = 0o77777777777;
const MAX_OCTAL_ID = 0o7777777;

/** Header blocks of an entry: a PAX header first where one is needed. Deterministic. */
export function writeTarEntry(entry: TarEntry): Buffer {
  const pax = new Map(entry.pax ?? []);
  const link = entry.linkName ?? "";
  const isPlain = (value: string) => /^[\x20-\x7e]*$/.test(value);
  if (entry.name.length > 100 || !isPlain(entry.name)) pax.set("path", entry.name);
  if (link.length > 100 || !isPlain(link)) pax.set("linkpath", link);
  if (entry.size > MAX_OCTAL_SIZE) pax.set("size", String(entry.size));
  if (entry.uid > MAX_OCTAL_ID) pax.set("uid", String(entry.uid));
  if (entry.gid > MAX_OCTAL_ID) pax.set("gid", String(entry.gid));
  const header = ustar({ ...entry, linkName: link });
  if (pax.size === 0) return header;
  const records = Buffer.concat([...pax].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => paxRecord(key, value)));
  const slash = entry.name.replace(/\/$/, "").lastIndexOf("/");
  const paxName = `PaxHeaders.0/${entry.name.slice(slash + 1).replace(/[^\x20-\x7e]/g, "_")}`.slice(0, 99);
  const paxHeader = ustar({ name: paxName, mode: 0, uid: 0, gid: 0, size: records.length, mtime: 0, type: "x", linkName: "" });
  return Buffer.concat([paxHeader, records, Buffer.alloc(padding(records.length)), header]);
}

/** Bytes that fill the last block of a payload. */
export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function paxRecord(key: string, value: string): Buffer {
  const body = Buffer.from(` ${key}=${value}\n`, "latin1");
  let length = body.length + 1;
  while (String(length).length + body.length !== length) length = String(length).length + body.length;
  return Buffer.concat([Buffer.from(String(length), "latin1"), body]);
}

function ustar(entry: TarEntry): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, length: number, max: number) => block.write(`${Math.max(0, Math.min(value, max)).toString(8).padStart(length - 1, "0")}\0`, offset, "latin1");
  block.write(entry.name.slice(0, 100), 0, 100, "latin1");
  octal(entry.mode & 0o7777, 100, 8, MAX_OCTAL_ID);
  octal(entry.uid, 108, 8, MAX_OCTAL_ID);
  octal(entry.gid, 116, 8, MAX_OCTAL_ID);
  octal(entry.size, 124, 12, MAX_OCTAL_SIZE);
  octal(entry.mtime, 136, 12, MAX_OCTAL_SIZE);
  block.write(entry.type, 156, "latin1");
  block.write((entry.linkName ?? "").slice(0, 100), 157, 100, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  octal(entry.devMajor ?? 0, 329, 8, MAX_OCTAL_ID);
  octal(entry.devMinor ?? 0, 337, 8, MAX_OCTAL_ID);
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}
