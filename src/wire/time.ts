// Times as Docker's parameters have them: RFC 3339 and its shorter forms, unix seconds, Go durations.
import { invalid } from "../base/errors.ts";

const UNIT_NS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, "µs": 1e3, "μs": 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
const DURATION_PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/** Nanoseconds. `invalid` in Go's words. */
export function parseGoDuration(text: string): number {
  const found = findGoDuration(text);
  if (found === undefined) throw invalid(`time: invalid duration ${JSON.stringify(text)}`);
  return found;
}

/** Nanoseconds, or undefined where the text is no Go duration. */
export function findGoDuration(text: string): number | undefined {
  const sign = text.startsWith("-") ? -1 : 1;
  const body = /^[-+]/.test(text) ? text.slice(1) : text;
  if (body === "0") return 0;
  if (body === "") return undefined;
  let at = 0;
  let sum = 0;
  while (at < body.length) {
    DURATION_PART.lastIndex = at;
    const match = DURATION_PART.exec(body);
    if (match === null) return undefined;
    sum += Number(match[1]) * (UNIT_NS[match[2] ?? ""] ?? 0);
    at = DURATION_PART.lastIndex;
  }
  return sign * Math.round(sum);
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2})(?::(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?)?(Z|[+-]\d{2}:\d{2})?$/;

/** A moment: RFC 3339 (also without seconds, time or zone; then UTC), unix seconds with up to nine decimals, or a duration before now. */
export function parseTimestamp(text: string, nowMs: number): { ns: bigint } {
  const duration = findGoDuration(text);
  if (duration !== undefined && !/^-?\d+$/.test(text)) return { ns: BigInt(Math.round(nowMs * 1e6)) - BigInt(duration) };
  const unix = /^(-?\d+)(?:\.(\d{1,9})\d*)?$/.exec(text);
  if (unix !== null) return { ns: BigInt(unix[1] ?? "0") * 1_000_000_000n + BigInt((unix[2] ?? "").padEnd(9, "0")) };
  const date = DATE.exec(text);
  if (date === null) throw invalid(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "", zone = "Z"] = date;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`);
  if (Number.isNaN(ms)) throw invalid(`parsing time ${JSON.stringify(text)}: out of range`);
  return { ns: BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0")) };
}
