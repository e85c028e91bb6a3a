import { expect, test } from "bun:test";
import { failure } from "./failure.ts";
import { pause, pauseMs, withRetry } from "./retry.ts";

const policy = { attempts: 4, backoffMs: 1 };

test("pauses double, up to sixteen times the first; the registry may want longer ones", () => {
  const pauses = [1, 2, 3, 4, 5, 6].map((attempt) => pauseMs({ attempts: 9, backoffMs: 1000 }, attempt, undefined));
  expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 16_000]);
  expect(pauseMs({ attempts: 9, backoffMs: 1000 }, 1, failure("", { retryAfterSeconds: 7 }))).toBe(7000);
  expect(pauseMs({ attempts: 9, backoffMs: 1000 }, 5, failure("", { retryAfterSeconds: 7 }))).toBe(16_000);
});

test("tried as often as allowed, only where it may help", async () => {
  const tries = async (error: Error, succeedAt = Number.POSITIVE_INFINITY): Promise<[number, unknown]> => {
    let count = 0;
    const result = await withRetry(policy, undefined, async () => {
      if (++count >= succeedAt) return "done";
      throw error;
    }).catch((reason: unknown) => reason);
    return [count, result];
  };
  const [once, often] = [failure("no", { retry: false }), failure("later", { retry: true })];
  expect(await tries(once)).toEqual([1, once]);
  expect(await tries(often)).toEqual([4, often]);
  expect(await tries(often, 3)).toEqual([3, "done"]);
  // a minute of silence is no answer
  const busy = failure("come back in a minute", { retry: true, retryAfterSeconds: 60 });
  expect(await tries(busy)).toEqual([1, busy]);
});

test("a pause tells the seconds left, and ends with the one who waits", async () => {
  const told: number[] = [];
  const gone = new AbortController();
  const waiting = pause(60_000, gone.signal, (left) => {
    told.push(left);
    gone.abort(new Error("gone"));
  });
  await expect(waiting).rejects.toThrow("gone");
  expect(told).toEqual([60]);
});
