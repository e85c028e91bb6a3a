// What Docker's list of images does not tell: how each came, who used it last and how often, and what uses it now.
import type { Actor, ImageRow, Reader } from "../../store/store.ts";
import type { Engine } from "../engine.ts";

export interface ImageUse {
  id: string;
  origin: ImageRow["origin"];
  lastUsedMs?: number;
  lastUsedBy?: Actor;
  /** Containers made or started. */
  useCount: number;
  /** Names of containers made from it or mounting it. */
  usedBy: string[];
}

export function imageUses({ store }: Pick<Engine, "store">): ImageUse[] {
  return store.view((tx) => tx.images.list().map((image) => useOf(tx, image)));
}

function useOf({ containers }: Pick<Reader, "containers">, { id, origin, lastUsedMs, lastUsedBy, useCount }: ImageRow): ImageUse {
  const users = new Set([...containers.by("image", id), ...containers.by("mountedImage", id)].map((row) => row.name));
  return { id, origin, ...(lastUsedMs === undefined ? {} : { lastUsedMs }), ...(lastUsedBy === undefined ? {} : { lastUsedBy }), useCount, usedBy: [...users].toSorted() };
}
