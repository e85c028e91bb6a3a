// Sizes and durations as people read them: decimal and binary bytes, ages, Go's duration notation; writing and reading.
import { failure } from "./failure.ts";

const DECIMAL = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
const BINARY = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];

/** 64.2MB: decimal units; list commands show 3 digits, totals 4. */
export function humanSize(sizeBytes: number, digits = 4): string {
  return scaled(sizeBytes, 1000, DECIMAL, digits);
}

/** 7.5MiB: binary units, 4 digits. */
export function binarySize(sizeBytes: number): string {
  return scaled(sizeBytes, 1024, BINARY, 4);
}

function scaled(size: number, base: number, units: readonly string[], digits: number): string {
  let value = size;
  let step = 0;
  while (value >= base && step < units.length - 1) {
    value /= base;
    step++;
  }
  return general(value, digits) + units[step];
}

/** C's %.{digits}g. */
export function general(value: number, digits: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const [mantissa, exponentText] = value.toExponential(digits - 1).split("e") as [string, string];
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= digits) {
    const sign = exponent < 0 ? "-" : "+";
    return `${trim(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  return trim(value.toFixed(Math.max(0, digits - 1 - exponent)));
}

/** "About an hour", "3 days": the age of things. */
export function humanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / 1000);
  if (seconds < 1) return "Less than a second";
  if (seconds === 1) return "1 second";
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.trunc(durationMs / 60_000);
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.floor(durationMs / 3_600_000 + 0.5);
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(durationMs / 3_600_000 / 24 / 365)} years`;
}

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

const DURATION_NS: Record<string, number> = { ns: 1, us: 1e3, "µs": 1e3, "μs": 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Go's time.ParseDuration, in nanoseconds. */
export function parseGoDurationNs(text: string): number {
  const bad = () => failure(`time: invalid duration ${JSON.stringify(text)}`);
  let rest = text.replace(/^[+-]/, "");
  if (rest === "0") return 0;
  if (rest === "") throw bad();
  let total = 0;
  while (rest !== "") {
    const match = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest);
    if (!match) throw bad();
    const unit = match[2]!;
    if (unit === "") throw failure(`time: missing unit in duration ${JSON.stringify(text)}`);
    const scale = DURATION_NS[unit];
    if (scale === undefined) throw failure(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    total += Number(match[1]) * scale;
    rest = rest.slice(match[0].length);
  }
  return Math.round(text.startsWith("-") ? -total : total);
}

/** Go's Duration.String: "1m30s", "1.5s", "100ms". */
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

/** "1.5" CPUs → nano CPUs. */
export function parseCpus(text: string): number {
  const match = /^([+-]?\d*)(?:\.(\d*))?(?:\/(\d+))?$/.exec(text);
  if (!match || text === "" || text === ".") throw failure(`failed to parse ${text} as a rational number`);
  const value = (Number(`${match[1] || "0"}.${match[2] || "0"}`) / Number(match[3] ?? "1")) * 1e9;
  if (Math.abs(value - Math.round(value)) > 1e-3) throw failure("value is too precise");
  return Math.round(value);
}

const trim = (text: string) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
