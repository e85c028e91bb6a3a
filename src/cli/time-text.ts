// Points in time as Go's time.Time prints them, and ages.
import { humanDuration } from "./units.ts";

/** `2025-11-28 15:04:05 +0000 UTC`, local zone. */
export function goTime(date: Date): string {
  return `${dateText(date)} ${clockText(date)} ${offsetText(date)} ${zoneName(date)}`;
}

/** `2025-11-28T15:04:05+01:00`: RFC 3339 in the local zone. */
export function rfc3339(date: Date): string {
  return `${dateText(date)}T${clockText(date)}${offsetColon(date)}`;
}

/** `2025-11-28T15:04:05.123456789Z` with the local offset, nanoseconds of fixed width. */
export function rfc3339Nano(nanos: bigint): string {
  const date = new Date(Number(nanos / 1_000_000n));
  return `${dateText(date)}T${clockText(date)}.${(nanos % 1_000_000_000n).toString().padStart(9, "0")}${offsetColon(date)}`;
}

function offsetColon(date: Date): string {
  const offset = offsetText(date);
  return offset === "+0000" ? "Z" : `${offset.slice(0, 3)}:${offset.slice(3)}`;
}

const two = (value: number) => String(value).padStart(2, "0");

function dateText(date: Date): string {
  return `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function clockText(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function offsetText(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}${two(size % 60)}`;
}

/** `UTC`, `CET`; the offset where the zone has no letters. */
function zoneName(date: Date): string {
  if (date.getTimezoneOffset() === 0 && /^(UTC|Etc\/UTC|)$/.test(process.env["TZ"] ?? "UTC")) return "UTC";
  for (const locale of ["en-US", "en-GB", "en-AU", "en-IN"]) {
    const name = new Intl.DateTimeFormat(locale, { timeZoneName: "short" }).formatToParts(date).find((part) => part.type === "timeZoneName")?.value;
    if (name && /^[A-Z]{2,5}$/.test(name)) return name;
  }
  return offsetText(date).replace(/00$/, "");
}

/** "3 hours ago" for a time in seconds since 1970. */
export function ageOf(createdSeconds: number, nowMs = Date.now()): string {
  return `${humanDuration(nowMs - createdSeconds * 1000)} ago`;
}

/** Go's String of a time given as RFC 3339 text: its zone and fraction are kept. */
export function goTimeOfText(text: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (!match) return text;
  const fraction = (match[3] ?? "").replace(/0+$/, "").replace(/^\.$/, "");
  const zone = match[4] === "Z" ? "+0000 UTC" : `${match[4]!.replace(":", "")} ${zoneName(new Date(text))}`;
  return `${match[1]} ${match[2]}${fraction} ${zone}`;
}
