// Docker's event stream: kept durably in the store, published after commit to whoever listens.
import type { Actor, EventRow, Store, Writer } from "../store/store.ts";
import type { Clock } from "./clock.ts";

export interface EventInput {
  type: "container" | "image" | "network" | "volume" | "daemon" | "builder" | "plugin";
  action: string;
  actorId: string;
  attributes?: Record<string, string>;
  by?: Actor;
}

export interface Events {
  /** Inside a transaction: recorded with it, published after its commit. */
  add(tx: Writer, event: EventInput): void;
  /** On its own. */
  emit(event: EventInput): void;
  /** Every event from now on, in order, at once. Returns the way to stop. */
  subscribe(listener: (event: EventRow) => void): () => void;
}

export function createEvents(store: Store, clock: Clock): Events {
  const listeners = new Set<(event: EventRow) => void>();
  const add: Events["add"] = (tx, event) => {
    const row = tx.addEvent({
      type: event.type,
      action: event.action,
      actorId: event.actorId,
      attributes: event.attributes ?? {},
      timeNano: clock.nowNano(),
      ...(event.by === undefined ? {} : { by: event.by }),
    });
    tx.afterCommit(() => {
      for (const listener of listeners) listener(row);
    });
  };
  return {
    add,
    emit: (event) => store.update((tx) => add(tx, event)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
