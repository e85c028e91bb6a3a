// The system's clock to the nanosecond. Date has milliseconds only, and performance does not follow when the clock is set.
import { dlopen, FFIType, ptr } from "bun:ffi";

const CLOCK_REALTIME = 0;

/** ns since 1970. */
export type WallClock = () => bigint;

/** One for all: what dlopen makes takes its time, and is never given back. */
let clock: WallClock | undefined;

export function openWallClock(): WallClock {
  return (clock ??= open());
}

function open(): WallClock {
  const { symbols: c } = dlopen("libc.so.6", { clock_gettime: { args: [FFIType.i32, FFIType.ptr], returns: FFIType.i32 } });
  const time = new BigInt64Array(2);
  const timeAt = ptr(time);
  return () => {
    c.clock_gettime(CLOCK_REALTIME, timeAt);
    const [seconds = 0n, nanoseconds = 0n] = time;
    return seconds * 1_000_000_000n + nanoseconds;
  };
}
