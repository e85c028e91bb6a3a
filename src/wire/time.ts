// Points in time and durations as Docker's parameters give them: RFC 3339 and shorter forms, unix seconds, Go durations.
import { invalid } from "../base/errors.ts";

const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;
const UNIT_NS: Record<string, number> = { ns: 1, us: 1e3, "µs": 1e3, "μs": 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Go's time.ParseDuration, in nanoseconds. */
export function parseGoDuration(text: string): number {
  const quoted = JSON.stringify(text);
  let rest = text.replace(/^[+-]/, "");
  if (rest === "0") return 0;
  if (rest === "") throw invalid(`time: invalid duration ${quoted}`);
  let total = 0;
  while (rest !== "") {
    const match = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest);
    if (match === null) throw invalid(`time: invalid duration ${quoted}`);
    const unit = match[2] ?? "";
    if (unit === "") throw invalid(`time: missing unit in duration ${quoted}`);
    const scale = UNIT_NS[unit];
    if (scale === undefined) throw invalid(`time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`);
    total += Number(match[1]) * scale;
    rest = rest.slice(match[0].length);
  }
  if (total > Number(2n ** 63n - 1n)) throw invalid(`time: invalid duration ${quoted}`);
  return Math.round(text.startsWith("-") ? -total : total);
}

/** Go's Duration.String: 1m30s, 1.5s, 100ms. */
export function writeGoDuration(durationNs: number): string {
  if (durationNs === 0) return "0s";
  const sign = durationNs < 0 ? "-" : "";
  const ns = Math.abs(durationNs);
  if (ns < 1e3) return `${sign}${ns}ns`;
  if (ns < 1e6) return `${sign}${ns / 1e3}µs`;
  if (ns < 1e9) return `${sign}${ns / 1e6}ms`;
  const hours = Math.floor(ns / 3600e9);
  const minutes = Math.floor((ns % 3600e9) / 60e9);
  const seconds = `${Number(((ns % 60e9) / 1e9).toFixed(9))}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

/** A moment: a duration counts back from now, to the whole second; what has no zone is local time. */
export function parseTimestamp(text: string, nowMs: number): { ns: bigint } {
  // a bare 0 is the beginning of unix time
  const duration = text === "0" ? undefined : asDuration(text);
  if (duration !== undefined) {
    const ns = BigInt(Math.round(nowMs)) * NS_PER_MS - BigInt(duration);
    return { ns: ns - (ns % NS_PER_SECOND) };
  }
  const layout = layoutFor(text);
  const parsed = parseByLayout(text, layout);
  if (typeof parsed === "bigint") return { ns: parsed };
  // a dash means that a date was meant: say what is wrong with it
  if (text.includes("-")) throw invalid(parsed.error);
  const unix = /^([+-]?\d{1,18})(?:\.(\d+))?$/.exec(text);
  if (unix === null) throw invalid(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
  return { ns: BigInt(unix[1] as string) * NS_PER_SECOND + BigInt((unix[2] ?? "").slice(0, 9).padEnd(9, "0")) };
}

/** Seconds with an optional fraction, as the API's since and until of logs and events; undefined for an empty one. */
export function parseUnixSeconds(text: string | undefined): { ns: bigint } | undefined {
  if (text === undefined || text === "") return undefined;
  const [seconds = "", fraction] = text.split(".", 2);
  const bad = [seconds, fraction ?? "0"].find((part) => !/^[+-]?\d{1,18}$/.test(part));
  if (bad !== undefined) throw invalid(`strconv.ParseInt: parsing ${JSON.stringify(bad)}: invalid syntax`);
  return { ns: BigInt(seconds) * NS_PER_SECOND + BigInt((fraction ?? "").slice(0, 9).padEnd(9, "0")) };
}

function asDuration(text: string): number | undefined {
  try {
    return parseGoDuration(text);
  } catch {
    return undefined; // not a duration: one of the other forms
  }
}

type Field = "2006" | "01" | "02" | "15" | "04" | "05" | "Z07:00";
type Layout = readonly (Field | "-" | "T" | ":")[];
const DATE: Layout = ["2006", "-", "01", "-", "02"];
const HOUR: Layout = [...DATE, "T", "15"];
const MINUTE: Layout = [...HOUR, ":", "04"];
const SECOND: Layout = [...MINUTE, ":", "05"];

function layoutFor(text: string): Layout {
  const count = (character: string) => text.split(character).length - 1;
  const local = !(/[zZ+]/.test(text) || count("-") === 3);
  let base = DATE;
  if (text.includes(".")) base = SECOND;
  else if (text.includes("T")) {
    let colons = count(":");
    if (!local && !/[zZ]/.test(text) && colons > 0) colons--;
    base = [HOUR, MINUTE][colons] ?? SECOND;
  }
  return local ? base : [...base, "Z07:00"];
}

const DIGITS: Record<Exclude<Field, "Z07:00">, RegExp> = { "2006": /^\d{4}/, "01": /^\d{2}/, "02": /^\d{2}/, "15": /^\d{1,2}/, "04": /^\d{2}/, "05": /^\d{2}/ };

function parseByLayout(text: string, layout: Layout): bigint | { error: string } {
  const values: Partial<Record<Field, number>> = {};
  let zoneMinutes: number | undefined;
  let fraction = "";
  let rest = text;
  for (const field of layout) {
    const wrong = { error: `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout.join(""))}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(field)}` };
    if (field === "Z07:00") {
      const zone = /^(?:Z|([+-])(\d{2}):(\d{2}))/.exec(rest);
      if (zone === null) return wrong;
      zoneMinutes = zone[1] === undefined ? 0 : (zone[1] === "-" ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3]));
      rest = rest.slice(zone[0].length);
    } else if (field === "-" || field === "T" || field === ":") {
      if (!rest.startsWith(field)) return wrong;
      rest = rest.slice(1);
    } else {
      const digits = DIGITS[field].exec(rest);
      if (digits === null) return wrong;
      values[field] = Number(digits[0]);
      rest = rest.slice(digits[0].length);
      const part = field === "05" ? /^[.,](\d+)/.exec(rest) : null;
      if (part !== null) {
        fraction = part[1] as string;
        rest = rest.slice(part[0].length);
      }
    }
  }
  if (rest !== "") return { error: `parsing time ${JSON.stringify(text)}: extra text: ${JSON.stringify(rest)}` };
  return toNs(text, values, zoneMinutes, fraction);
}

function toNs(text: string, values: Partial<Record<Field, number>>, zoneMinutes: number | undefined, fraction: string): bigint | { error: string } {
  const year = values["2006"] ?? 1970;
  const month = values["01"] ?? 1;
  const day = values["02"] ?? 1;
  const hour = values["15"] ?? 0;
  const minute = values["04"] ?? 0;
  const second = values["05"] ?? 0;
  const limits: [string, boolean][] = [
    ["month", month < 1 || month > 12],
    ["day", day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()],
    ["hour", hour > 23],
    ["minute", minute > 59],
    ["second", second > 59],
  ];
  const beyond = limits.find(([, out]) => out);
  if (beyond !== undefined) return { error: `parsing time ${JSON.stringify(text)}: ${beyond[0]} out of range` };
  const date = zoneMinutes === undefined ? new Date(year, month - 1, day, hour, minute, second) : new Date(0);
  if (zoneMinutes !== undefined) {
    date.setUTCFullYear(year, month - 1, day);
    date.setUTCHours(hour, minute - zoneMinutes, second);
  }
  return BigInt(date.getTime()) * NS_PER_MS + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
}
