// Pauses between tries, and which errors are worth another one.
import { setTimeout as sleep } from "node:timers/promises";
import { failureDetail } from "./failure.ts";

export interface RetryPolicy {
  /** Tries in all. */
  attempts: number;
  backoffMs: number;
}

const MAX_DOUBLINGS = 4;

export function mayRetry(error: unknown): boolean {
  return failureDetail(error).retry === true;
}

/** Before try number `attempt` + 1. */
export function pauseMs(policy: RetryPolicy, attempt: number, error: unknown): number {
  const wanted = failureDetail(error).retryAfterSeconds;
  const ours = policy.backoffMs * 2 ** Math.min(attempt - 1, MAX_DOUBLINGS);
  return wanted === undefined ? ours : Math.max(wanted * 1000, ours);
}

/** Waits, telling the seconds left as they pass. */
export async function pause(ms: number, signal?: AbortSignal, onSecond?: (secondsLeft: number) => void): Promise<void> {
  for (let left = ms; left > 0; left -= 1000) {
    onSecond?.(Math.ceil(left / 1000));
    await sleep(Math.min(left, 1000), undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    });
  }
}

/** Longer pauses are not made where nobody is told of them: the answer is the refusal, with its reason. */
const SILENT_MS = 10_000;

/** Runs `work` until it succeeds, fails for good, or has been tried often enough. */
export async function withRetry<T>(policy: RetryPolicy, signal: AbortSignal | undefined, work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      const ms = pauseMs(policy, attempt, error);
      if (attempt >= policy.attempts || !mayRetry(error) || ms > SILENT_MS || signal?.aborted === true) throw error;
      await pause(ms, signal);
    }
  }
}
