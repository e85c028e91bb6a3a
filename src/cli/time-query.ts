// A time as users give it to --since and --until → what the API wants: seconds[.nanoseconds] since 1970.
import { failure } from "./failure.ts";
import { parseGoDurationNs } from "./units.ts";

/** Accepts durations (back from now), RFC 3339 and its shorter forms in local time, and unix seconds; undefined for "". */
export function timeQuery(text: string, nowMs = Date.now()): string | undefined {
  if (text === "") return undefined;
  const ago = asDuration(text);
  if (ago !== undefined) return seconds(nowMs - ago / 1e6);
  if (/^\d{4}-\d\d-\d\d/.test(text)) return asDate(text);
  if (/^-?\d+(\.\d+)?$/.test(text)) return text;
  throw failure(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
}

function asDuration(text: string): number | undefined {
  try {
    return /[a-zµ]$/.test(text) ? parseGoDurationNs(text) : undefined;
  } catch {
    return undefined;
  }
}

function asDate(text: string): string {
  const match = /^(\d{4}-\d\d-\d\d)(?:T(\d\d)(?::(\d\d))?(?::(\d\d)(\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (!match) throw failure(`parsing time ${JSON.stringify(text)}: invalid format`);
  const [, day, hour = "00", minute = "00", second = "00", fraction = "", zone = ""] = match;
  const ms = Date.parse(`${day}T${hour}:${minute}:${second}${zone}`);
  if (Number.isNaN(ms)) throw failure(`parsing time ${JSON.stringify(text)}: out of range`);
  return `${Math.floor(ms / 1000)}.${fraction.slice(1).padEnd(9, "0").slice(0, 9)}`;
}

function seconds(ms: number): string {
  const whole = Math.floor(ms / 1000);
  return `${whole}.${String(Math.round((ms - whole * 1000) * 1e6)).padStart(9, "0")}`;
}
