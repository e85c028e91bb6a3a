// Times of log records: nanoseconds, never twice the same and never back within one log.
import { openWallClock } from "../linux/wall-clock.ts";

/** Back by more than this, and the clock was set. */
const MAX_BACK_NS = 60_000_000_000n;

export class LogClock {
  private readonly wall = openWallClock();
  private lastNs = 0n;
  private second = -1;
  private secondText = "";

  now(): string {
    let ns = this.wall();
    // a clock set back by less than a minute is waited for
    if (ns <= this.lastNs && this.lastNs - ns < MAX_BACK_NS) ns = this.lastNs + 1n;
    this.lastNs = ns;
    return this.format(ns);
  }

  private format(ns: bigint): string {
    const second = Number(ns / 1_000_000_000n);
    if (second !== this.second) {
      this.second = second;
      this.secondText = new Date(second * 1000).toISOString().slice(0, 19);
    }
    const fraction = String(ns % 1_000_000_000n).padStart(9, "0").replace(/0+$/, "");
    return `${this.secondText}${fraction === "" ? "" : "."}${fraction}Z`;
  }
}
