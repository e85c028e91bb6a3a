// Time as the engine sees it; tests bring their own.
import { openWallClock } from "../linux/wall-clock.ts";

export interface Clock {
  /** ms since 1970 */
  nowMs(): number;
  /** RFC 3339 with nanoseconds, UTC, trailing zeros cut as Go does. */
  nowRfc3339(): string;
  /** ns since 1970 as a decimal string; grows strictly from call to call. */
  nowNano(): string;
}

export const ZERO_TIME = "0001-01-01T00:00:00Z";

export function systemClock(): Clock {
  const wall = openWallClock();
  let last = 0n;
  const nano = (): bigint => {
    const now = wall();
    last = now > last ? now : last + 1n;
    return last;
  };
  return {
    nowMs: () => Date.now(),
    nowRfc3339: () => rfc3339(nano()),
    nowNano: () => nano().toString(),
  };
}

/** Go's time.RFC3339Nano in UTC. */
export function rfc3339(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = (nanoseconds % 1_000_000_000n).toString().padStart(9, "0").replace(/0+$/, "");
  return fraction === "" ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}
