// Times of log records: nanoseconds, never twice the same and never back within one log.

/** Further apart than this from the system's clock, and it was set. */
const MAX_DRIFT_NS = 2_000_000n;

export class LogClock {
  private baseNs = 0n;
  private baseTicks = 0n;
  private lastNs = 0n;
  private second = -1;
  private secondText = "";

  now(): string {
    const ticks = process.hrtime.bigint();
    const wallNs = BigInt(Date.now()) * 1_000_000n;
    let ns = this.baseNs + (ticks - this.baseTicks);
    if (ns < wallNs - MAX_DRIFT_NS || ns > wallNs + MAX_DRIFT_NS) {
      this.baseNs = wallNs;
      this.baseTicks = ticks;
      ns = wallNs;
    }
    // a clock set back by less than a minute is waited for
    if (ns <= this.lastNs && this.lastNs - ns < 60_000_000_000n) ns = this.lastNs + 1n;
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
