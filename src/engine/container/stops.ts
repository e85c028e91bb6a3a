// Stops under way: the event `stop` comes between what the end took down and `die`, so the end writes it for them.
import type { Actor } from "../../store/store.ts";

export interface PendingStop extends Disposable {
  /** The end of the process has announced it. */
  readonly isTold: boolean;
}

interface Entry {
  actor: Actor;
  isTold: boolean;
}

export class PendingStops {
  private readonly waiting = new Map<string, Set<Entry>>();

  begin(containerId: string, actor: Actor): PendingStop {
    const mine = this.waiting.get(containerId) ?? new Set<Entry>();
    this.waiting.set(containerId, mine);
    const entry: Entry = { actor, isTold: false };
    mine.add(entry);
    const forget = (): void => {
      mine.delete(entry);
      if (mine.size === 0 && this.waiting.get(containerId) === mine) this.waiting.delete(containerId);
    };
    return {
      get isTold() {
        return entry.isTold;
      },
      [Symbol.dispose]: forget,
    };
  }

  /** Who stops it, each once. */
  take(containerId: string): Actor[] {
    const untold = [...(this.waiting.get(containerId) ?? [])].filter(({ isTold }) => !isTold);
    for (const entry of untold) entry.isTold = true;
    return untold.map(({ actor }) => actor);
  }
}
