import { expect, test } from "bun:test";
import { openWallClock } from "./wall-clock.ts";

test("two clocks tell the same time as Date, only finer", () => {
  const [one, other] = [openWallClock(), openWallClock()];
  const read: bigint[] = [];
  for (let round = 0; round < 1000; round++) {
    const before = BigInt(Date.now()) * 1_000_000n;
    const [first, second] = [one(), other()];
    const after = BigInt(Date.now() + 1) * 1_000_000n;
    expect(before <= first && first <= second && second <= after).toBe(true);
    read.push(first);
  }
  expect(read.some((ns) => ns % 1_000_000n !== 0n)).toBe(true);
});
