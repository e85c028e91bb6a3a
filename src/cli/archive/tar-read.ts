// A tar stream → its entries, one after the other: ustar, pax and GNU long names. Bodies are read as they come.

export type TarKind = "file" | "directory" | "symlink" | "hardlink" | "other";

export interface TarEntry {
  readonly name: string;
  readonly kind: TarKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  readonly sizeBytes: number;
  readonly linkName: string;
  /** To be read, or left, before the next entry is asked for. */
  body(): AsyncIterable<Uint8Array>;
}

const BLOCK = 512;
const KINDS: Readonly<Record<string, TarKind>> = { "0": "file", "\0": "file", "7": "file", "5": "directory", "2": "symlink", "1": "hardlink" };

export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncIterable<TarEntry> {
  const reader = new BlockReader(source);
  let extended: Record<string, string> = {};
  for (;;) {
    const header = await reader.take(BLOCK);
    if (!header || header.every((byte) => byte === 0)) {
      await reader.drain();
      return;
    }
    const type = String.fromCharCode(header[156]!);
    const size = extended["size"] !== undefined ? Number(extended["size"]) : numberAt(header, 124, 12);
    if (type === "x" || type === "g" || type === "L" || type === "K") {
      const text = Buffer.from(await reader.body(size)).toString();
      if (type === "x") extended = { ...extended, ...parsePax(text) };
      if (type === "L") extended["path"] = text.replace(/\0+$/, "");
      if (type === "K") extended["linkpath"] = text.replace(/\0+$/, "");
      continue;
    }
    const entry = entryOf(header, type, size, extended);
    extended = {};
    let read = false;
    const body = async function* () {
      read = true;
      yield* reader.pieces(size);
    };
    yield { ...entry, body };
    if (!read) for await (const _piece of reader.pieces(size));
  }
}

function entryOf(header: Uint8Array, type: string, sizeBytes: number, extended: Readonly<Record<string, string>>): Omit<TarEntry, "body"> {
  const prefix = textAt(header, 345, 155);
  const short = textAt(header, 0, 100);
  const isUstar = textAt(header, 257, 5) === "ustar";
  return {
    name: extended["path"] ?? (isUstar && prefix !== "" ? `${prefix}/${short}` : short),
    kind: KINDS[type] ?? "other",
    mode: numberAt(header, 100, 8),
    uid: numberAt(header, 108, 8),
    gid: numberAt(header, 116, 8),
    mtimeSeconds: extended["mtime"] === undefined ? numberAt(header, 136, 12) : Number(extended["mtime"]),
    sizeBytes,
    linkName: extended["linkpath"] ?? textAt(header, 157, 100),
  };
}

function textAt(header: Uint8Array, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString();
}

function numberAt(header: Uint8Array, at: number, length: number): number {
  const field = header.subarray(at, at + length);
  if (field[0]! & 0x80) return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  return Number.parseInt(Buffer.from(field).toString("latin1").replace(/\0/g, " ").trim() || "0", 8);
}

function parsePax(text: string): Record<string, string> {
  const bytes = Buffer.from(text);
  const records: Record<string, string> = {};
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(32, at);
    const length = Number(bytes.subarray(at, space).toString());
    if (space < 0 || !(length > 0)) break;
    const record = bytes.subarray(space + 1, at + length - 1).toString();
    const equals = record.indexOf("=");
    records[record.slice(0, equals)] = record.slice(equals + 1);
    at += length;
  }
  return records;
}

/** Hands out exact numbers of bytes from a stream of pieces. */
class BlockReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #left: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Uint8Array | undefined> {
    while (this.#left.length < length) {
      const { value, done } = await this.#source.next();
      if (done) return undefined;
      this.#left = this.#left.length === 0 ? value : Buffer.concat([this.#left, value]);
    }
    const taken = this.#left.subarray(0, length);
    this.#left = this.#left.subarray(length);
    return taken;
  }

  async *pieces(size: number): AsyncIterable<Uint8Array> {
    let remaining = size;
    while (remaining > 0) {
      if (this.#left.length === 0) {
        const { value, done } = await this.#source.next();
        if (done) throw new Error("unexpected EOF");
        this.#left = value;
        continue;
      }
      const part = this.#left.subarray(0, remaining);
      this.#left = this.#left.subarray(part.length);
      remaining -= part.length;
      yield part;
    }
    await this.take((BLOCK - (size % BLOCK)) % BLOCK);
  }

  async body(size: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const piece of this.pieces(size)) parts.push(Buffer.from(piece));
    return Buffer.concat(parts);
  }

  async drain(): Promise<void> {
    while (!(await this.#source.next()).done);
  }
}
