// Bytes of a json-file log → lines. Records in the order that Docker and this engine write them are read byte by byte; others as any JSON; what is neither is passed over.
import type { LogLine } from "./read-log.ts";

const PREFIX = '{"log":"';
const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const NEWLINE = 0x0a;
const LOWER_N = 0x6e;
const LOWER_R = 0x72;
const LOWER_T = 0x74;
const LOWER_U = 0x75;
const SLASH = 0x2f;

/** Lines of all whole records in `bytes`, and the position after the last of them. */
export function parseRecords(bytes: Buffer, lines: LogLine[]): number {
  const texts = Buffer.allocUnsafe(bytes.length);
  let used = 0;
  let position = 0;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, position);
    if (end < 0) return position;
    const textEnd = decodeText(bytes, position, end, texts, used);
    const line = textEnd < 0 ? undefined : parseRest(bytes, textEnd, end, texts, used);
    if (line === undefined) {
      const other = parseAnyJson(bytes.toString("utf8", position, end));
      if (other !== undefined) lines.push(other);
    } else {
      used += line.text.length;
      lines.push(line);
    }
    position = end + 1;
  }
}

/** Place of the quote that ends the text, which then stands in `texts` from `used`; with its length in `lastLength`. -1: written in another way. */
function decodeText(bytes: Buffer, start: number, end: number, texts: Buffer, used: number): number {
  for (let index = 0; index < PREFIX.length; index++) if (bytes[start + index] !== PREFIX.charCodeAt(index)) return -1;
  let to = used;
  for (let at = start + PREFIX.length; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at;
    if (byte !== BACKSLASH) {
      texts[to++] = byte;
      continue;
    }
    const escaped = bytes[++at] as number;
    if (escaped === LOWER_N) texts[to++] = NEWLINE;
    else if (escaped === QUOTE || escaped === BACKSLASH || escaped === SLASH) texts[to++] = escaped;
    else if (escaped === LOWER_R) texts[to++] = 0x0d;
    else if (escaped === LOWER_T) texts[to++] = 0x09;
    else if (escaped !== LOWER_U) return -1;
    else {
      const code = hexCode(bytes, at + 1);
      if (code < 0 || (code >= 0xd800 && code < 0xe000)) return -1;
      to = putCode(code, texts, to);
      at += 4;
    }
  }
  return -1;
}
