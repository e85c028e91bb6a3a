// Bytes of a json-file log → lines. Records written as Docker and this engine do are read byte by byte; others as any JSON; what is neither is passed over.
import type { LogLine } from "./read-log.ts";

const PREFIX = Buffer.from('{"log":"');
const STDOUT = Buffer.from('","stream":"stdout",');
const STDERR = Buffer.from('","stream":"stderr",');
const TIME = Buffer.from('"time":"');
const END = Buffer.from('"}');
const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const NEWLINE = 0x0a;
const LOWER_U = 0x75;

/** Escapes of one letter. */
const LETTERS: Readonly<Record<number, number>> = { 0x6e: 0x0a, 0x72: 0x0d, 0x74: 0x09, 0x62: 0x08, 0x66: 0x0c, 0x22: 0x22, 0x5c: 0x5c, 0x2f: 0x2f };

/** One per log that is read; pieces are given in order. */
export class RecordParser {
  private texts = Buffer.alloc(0);
  private used = 0;
  /** Of the last record. */
  lastTime = "";

  /** All whole records in `bytes`: how many bytes they take. */
  parse(bytes: Buffer, lines: LogLine[]): number {
    // lines keep parts of it: a new one each time
    this.texts = Buffer.allocUnsafeSlow(bytes.length);
    this.used = 0;
    let position = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, position);
      if (end < 0) return position;
      const line = this.record(bytes, position, end) ?? parseAnyRecord(bytes.toString("utf8", position, end));
      if (line !== undefined) {
        lines.push(line);
        this.lastTime = line.time;
      }
      position = end + 1;
    }
  }

  private record(bytes: Buffer, start: number, end: number): LogLine | undefined {
    if (!matches(bytes, start, end, PREFIX)) return undefined;
    const from = this.used;
    const quote = this.decode(bytes, start + PREFIX.length, end);
    if (quote < 0) return undefined;
    const isOut = matches(bytes, quote, end, STDOUT);
    if (!isOut && !matches(bytes, quote, end, STDERR)) return undefined;
    const rest = quote + STDOUT.length;
    if (!matches(bytes, rest, end, TIME) || !matches(bytes, end - END.length, end, END)) return undefined;
    const text = this.texts.subarray(from, this.used);
    return { stream: isOut ? "stdout" : "stderr", text, time: this.timeAt(bytes, rest + TIME.length, end - END.length) };
  }

  /** Decodes a text up to the quote that ends it, whose place it gives; -1: not as we know it. */
  private decode(bytes: Buffer, start: number, end: number): number {
    const texts = this.texts;
    let to = this.used;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) {
        this.used = to;
        return at;
      }
      if (byte !== BACKSLASH) {
        texts[to++] = byte;
        continue;
      }
      const letter = bytes[++at] as number;
      if (letter === LOWER_U) {
        const code = hexCode(bytes, at + 1);
        // halves of a pair are left to JSON.parse
        if (code < 0 || (code >= 0xd800 && code < 0xe000)) return -1;
        to = putCode(code, texts, to);
        at += 4;
      } else {
        const plain = LETTERS[letter];
        if (plain === undefined) return -1;
        texts[to++] = plain;
      }
    }
    return -1;
  }

  /** Many lines that were written together have the same time: made once. */
  private timeAt(bytes: Buffer, from: number, to: number): string {
    const known = this.lastTime;
    let isSame = known.length === to - from;
    // from its end: there it differs
    for (let index = known.length - 1; isSame && index >= 0; index--) isSame = known.charCodeAt(index) === bytes[from + index];
    return isSame ? known : bytes.toString("latin1", from, to);
  }
}

function matches(bytes: Buffer, start: number, end: number, wanted: Uint8Array): boolean {
  if (start + wanted.length > end) return false;
  for (let index = 0; index < wanted.length; index++) if (bytes[start + index] !== wanted[index]) return false;
  return true;
}

function hexCode(bytes: Buffer, start: number): number {
  let code = 0;
  for (let index = start; index < start + 4; index++) {
    const byte = bytes[index] ?? 0;
    const letter = byte | 0x20;
    const digit = byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
    if (digit < 0) return -1;
    code = (code << 4) | digit;
  }
  return code;
}

function putCode(code: number, texts: Buffer, start: number): number {
  let to = start;
  if (code < 0x80) texts[to++] = code;
  else if (code < 0x800) {
    texts[to++] = 0xc0 | (code >> 6);
    texts[to++] = 0x80 | (code & 0x3f);
  } else {
    texts[to++] = 0xe0 | (code >> 12);
    texts[to++] = 0x80 | ((code >> 6) & 0x3f);
    texts[to++] = 0x80 | (code & 0x3f);
  }
  return to;
}

/** Records with `attrs`, or whose members have another order. `undefined`: no record. */
export function parseAnyRecord(text: string): LogLine | undefined {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    // torn or overwritten
    return undefined;
  }
  if (typeof record !== "object" || record === null) return undefined;
  const { log = "", stream, time, attrs } = record as Partial<Record<string, unknown>>;
  if (typeof log !== "string" || (stream !== "stdout" && stream !== "stderr") || typeof time !== "string" || !/^\d{4}-\d\d-\d\dT/.test(time)) return undefined;
  const line: LogLine = { stream, text: Buffer.from(log), time };
  if (typeof attrs === "object" && attrs !== null) line.attrs = Object.fromEntries(Object.entries(attrs).map(([name, value]) => [name, String(value)]));
  return line;
}

/** Compares like the times themselves; RFC 3339 in UTC, with any fraction. */
export function timeKey(time: string): string {
  return `${time.slice(0, 19)}.${(time.length > 20 ? time.slice(20, -1) : "").padEnd(9, "0")}`;
}

/** The same for ns since 1970. */
export function timeKeyOf(ns: bigint): string {
  const second = ns / 1_000_000_000n;
  return `${new Date(Number(second) * 1000).toISOString().slice(0, 19)}.${String(ns % 1_000_000_000n).padStart(9, "0")}`;
}
