// Sizes and durations as people read them: decimal and binary bytes, ages, Go's duration notation; writing and reading.
import { messageOf } from "../base/errors.ts";
import { parseGoDuration } from "../wire/time.ts";
import { failure } from "./failure.ts";

export { humanDuration } from "../wire/human-duration.ts";
export { binarySize, general, humanSize } from "../wire/human-size.ts";
export { writeGoDuration } from "../wire/time.ts";

const SIZE_TEXT = /^(\d+(?:\.\d+)*) ?([kKmMgGtTpP])?([iI])?([bB])?$/;

/** "512m" → bytes, units of 1024. */
export function parseRamBytes(text: string): number {
  if (text === "-1") return -1;
  return parseSize(text, 1024);
}

/** "10GB" → bytes, units of 1000 ("GiB" of 1024). */
export function parseHumanSize(text: string): number {
  return parseSize(text, /i[bB]?$/i.test(text) ? 1024 : 1000);
}

function parseSize(text: string, base: number): number {
  const match = SIZE_TEXT.exec(text);
  const value = match ? Number(match[1]) : Number.NaN;
  if (!match || Number.isNaN(value)) throw failure(`invalid size: '${text}'`);
  const step = match[2] ? "kmgtp".indexOf(match[2].toLowerCase()) + 1 : 0;
  return Math.trunc(value * base ** step);
}

/** Go's time.ParseDuration, in nanoseconds. */
export function parseGoDurationNs(text: string): number {
  try {
    return parseGoDuration(text);
  } catch (error) {
    throw failure(messageOf(error));
  }
}

/** "1.5" CPUs → nano CPUs. */
export function parseCpus(text: string): number {
  const match = /^([+-]?\d*)(?:\.(\d*))?(?:\/(\d+))?$/.exec(text);
  if (!match || text === "" || text === ".") throw failure(`failed to parse ${text} as a rational number`);
  const value = (Number(`${match[1] || "0"}.${match[2] || "0"}`) / Number(match[3] ?? "1")) * 1e9;
  if (Math.abs(value - Math.round(value)) > 1e-3) throw failure("value is too precise");
  return Math.round(value);
}
