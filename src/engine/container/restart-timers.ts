// Restarts by policy that wait for their time, and how long each has waited before.

export class RestartTimers {
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly delays = new Map<string, number>();

  /** The delay before the run that ended last; undefined for the first. */
  lastDelayMs(containerId: string): number | undefined {
    return this.delays.get(containerId);
  }

  schedule(containerId: string, delayMs: number, begin: () => void): void {
    clearTimeout(this.timers.get(containerId));
    this.delays.set(containerId, delayMs);
    const due = (): void => {
      this.timers.delete(containerId);
      begin();
    };
    this.timers.set(containerId, setTimeout(due, delayMs));
  }

  /** Nothing is remembered either. */
  cancel(containerId: string): void {
    clearTimeout(this.timers.get(containerId));
    this.timers.delete(containerId);
    this.delays.delete(containerId);
  }

  close(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }
}
