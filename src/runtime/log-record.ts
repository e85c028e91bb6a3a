// Lines of output → records of Docker's json-file format, byte for byte as Go writes them. Fast: everything a container says passes here.

const PREFIX = Buffer.from('{"log":"');
const NEWLINE = Buffer.from("\\n");
const LONGEST_ESCAPE = 6;
const REPLACEMENT = Buffer.from("\\ufffd");
const HEX = Buffer.from("0123456789abcdef");

const BACKSLASH = 0x5c;
const LOWER_U = 0x75;
const ZERO = 0x30;

/** How a byte is written: 0 as it is, 1 behind a backslash, 2 as \u00XX, 3 it begins something of several bytes; \r and \n have their letters. */
const CLASS = byteClasses();

function byteClasses(): Uint8Array {
  const classes = new Uint8Array(256).fill(2, 0, 0x20).fill(3, 0x80);
  for (const sign of '<>&') classes[sign.charCodeAt(0)] = 2;
  for (const sign of '"\\') classes[sign.charCodeAt(0)] = 1;
  classes[0x0d] = "r".charCodeAt(0);
  classes[0x0a] = "n".charCodeAt(0);
  return classes;
}

/** What follows the text in a record. */
export function recordSuffix(stream: "stdout" | "stderr", attrs: Uint8Array, time: string): Uint8Array {
  return Buffer.concat([Buffer.from(`","stream":"${stream}",`), attrs, Buffer.from(`"time":"${time}"}\n`)]);
}

/** `"attrs":{…},` as Go writes a map: by name, and safe in HTML. */
export function recordAttrs(attrs: Readonly<Record<string, string>> | undefined): Uint8Array {
  const entries = Object.entries(attrs ?? {}).toSorted(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  if (entries.length === 0) return new Uint8Array(0);
  const text = JSON.stringify(Object.fromEntries(entries)).replace(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return Buffer.from(`"attrs":${text},`);
}

/** Collects records until they are written. */
export class RecordBuffer {
  private bytes = Buffer.allocUnsafe(4096);
  length = 0;

  get filled(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  add(line: Uint8Array, from: number, to: number, isWhole: boolean, suffix: Uint8Array): void {
    this.reserve(PREFIX.length + (to - from) * LONGEST_ESCAPE + NEWLINE.length + suffix.length);
    this.bytes.set(PREFIX, this.length);
    let at = escape(line, from, to, this.bytes, this.length + PREFIX.length);
    if (isWhole) {
      this.bytes.set(NEWLINE, at);
      at += NEWLINE.length;
    }
    this.bytes.set(suffix, at);
    this.length = at + suffix.length;
  }

  private reserve(moreBytes: number): void {
    if (this.length + moreBytes <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + moreBytes));
    grown.set(this.filled);
    this.bytes = grown;
  }
}

/** Writes `line[from, to)` into `out`, which has room; the position after it. */
function escape(line: Uint8Array, from: number, to: number, out: Uint8Array, start: number): number {
  let at = start;
  for (let index = from; index < to; index++) {
    const byte = line[index] as number;
    const kind = CLASS[byte] as number;
    if (kind === 0) out[at++] = byte;
    else if (kind === 3) {
      const length = runeLength(line, index, to);
      at = rune(line, index, length, out, at);
      index += Math.max(length, 1) - 1;
    } else {
      out[at++] = BACKSLASH;
      if (kind !== 2) out[at++] = kind === 1 ? byte : kind;
      else {
        out[at++] = LOWER_U;
        out[at++] = ZERO;
        out[at++] = ZERO;
        out[at++] = HEX[byte >> 4] as number;
        out[at++] = HEX[byte & 0xf] as number;
      }
    }
  }
  return at;
}

function rune(line: Uint8Array, index: number, length: number, out: Uint8Array, start: number): number {
  if (length === 0) {
    out.set(REPLACEMENT, start);
    return start + REPLACEMENT.length;
  }
  const last = line[index + 2] as number;
  // the two line separators that JavaScript once did not allow in strings
  if (length === 3 && line[index] === 0xe2 && line[index + 1] === 0x80 && (last === 0xa8 || last === 0xa9)) {
    out.set(last === 0xa8 ? LINE_SEPARATOR : PARAGRAPH_SEPARATOR, start);
    return start + LINE_SEPARATOR.length;
  }
  for (let offset = 0; offset < length; offset++) out[start + offset] = line[index + offset] as number;
  return start + length;
}

const LINE_SEPARATOR = Buffer.from("\\u2028");
const PARAGRAPH_SEPARATOR = Buffer.from("\\u2029");

/** Bytes of the character that begins at `index`; 0 if none does: cut off, overlong, a surrogate, out of range. */
function runeLength(line: Uint8Array, index: number, to: number): number {
  const first = line[index] as number;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (index + length > to) return 0;
  const second = line[index + 1] as number;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let offset = 2; offset < length; offset++) if (((line[index + offset] as number) & 0xc0) !== 0x80) return 0;
  return length;
}

/** Where to cut `line[from, to)` so that no character is cut: `to`, or up to 3 bytes before it. */
export function characterEnd(line: Uint8Array, from: number, to: number): number {
  for (let back = 1; back <= 3 && to - back > from; back++) {
    const byte = line[to - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? to - back : to;
  }
  return to;
}
