// Those who wait for a container's next end, or for its removal.
import { cancelled } from "../../base/errors.ts";

export interface Ended {
  exitCode: number;
  error?: string;
}

type Moment = "exit" | "removal";
type Resolve = (ended: Ended) => void;

export class Waiters {
  private readonly waiting: Record<Moment, Map<string, Set<Resolve>>> = { exit: new Map(), removal: new Map() };

  /** Resolves at the next such moment from now on. */
  wait(containerId: string, moment: Moment, signal?: AbortSignal): Promise<Ended> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(cancelled("the client is gone"));
      const all = this.waiting[moment];
      const mine = all.get(containerId) ?? new Set();
      all.set(containerId, mine);
      const leave = (): void => {
        mine.delete(done);
        if (mine.size === 0 && all.get(containerId) === mine) all.delete(containerId);
        reject(cancelled("the client is gone"));
      };
      const done: Resolve = (ended) => {
        signal?.removeEventListener("abort", leave);
        resolve(ended);
      };
      mine.add(done);
      signal?.addEventListener("abort", leave, { once: true });
    });
  }

  wake(containerId: string, moment: Moment, ended: Ended): void {
    const mine = this.waiting[moment].get(containerId);
    this.waiting[moment].delete(containerId);
    for (const resolve of mine ?? []) resolve(ended);
  }
}
