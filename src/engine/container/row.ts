// Rows of containers as the verbs use them: read afresh under the lock, and changed by way of the state table.
import { notFound } from "../../base/errors.ts";
import type { ContainerRow, Reader, Writer } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { resolveContainer } from "./names.ts";
import { type Change, nextState } from "./state.ts";

type Stored = Pick<Engine, "store">;

export function findContainer({ store }: Stored, name: string): ContainerRow {
  return store.view((tx) => resolveContainer(tx, name));
}

/** By full id; for work that began with a container which may be gone since. */
export function currentRow(tx: Pick<Reader, "containers">, containerId: string): ContainerRow {
  const row = tx.containers.find(containerId);
  if (row === undefined) throw notFound(`No such container: ${containerId}`, { container: containerId });
  return row;
}

/** Puts the row with its next state; returns it. */
export function putChange(tx: Pick<Writer, "containers">, row: ContainerRow, change: Change, more: Partial<ContainerRow> = {}): ContainerRow {
  const next: ContainerRow = { ...row, ...more, state: nextState(more.state ?? row.state, change) };
  tx.containers.put(next);
  return next;
}

/** Holds the container's lock; `work` gets its row as it is then. */
export async function withContainer<T>(engine: Pick<Engine, "store" | "containerLocks">, name: string, work: (row: ContainerRow) => Promise<T>): Promise<T> {
  const { id } = findContainer(engine, name);
  return engine.containerLocks.hold(id, () => work(engine.store.view((tx) => currentRow(tx, id))));
}
