// Those who wait for a container's next process to be made: clients that attach before the start.

export type TaskOutcome = "made" | "failed";
type Listener = (outcome: TaskOutcome) => void;

export class TaskListeners {
  private readonly listeners = new Map<string, Set<Listener>>();

  add(containerId: string, listener: Listener): () => void {
    const mine = this.listeners.get(containerId) ?? new Set();
    this.listeners.set(containerId, mine);
    mine.add(listener);
    return () => {
      mine.delete(listener);
      if (mine.size === 0 && this.listeners.get(containerId) === mine) this.listeners.delete(containerId);
    };
  }

  /** Each is told once. */
  tell(containerId: string, outcome: TaskOutcome): void {
    const mine = this.listeners.get(containerId);
    this.listeners.delete(containerId);
    for (const listener of mine ?? []) listener(outcome);
  }
}
