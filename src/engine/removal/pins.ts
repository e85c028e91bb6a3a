// Pins: what is pinned stays, whoever asks for its removal and however hard, until it is unpinned.
import { conflict, invalid, notFound } from "../../base/errors.ts";
import type { Actor, PinRow, Reader } from "../../store/store.ts";
import { resolveContainer } from "../container/names.ts";
import type { Engine } from "../engine.ts";
import { resolveImage } from "../image/names.ts";
import { resolveNetwork } from "../network/resolve.ts";
import { resolveVolume } from "../volume/resolve.ts";

export type PinKind = PinRow["kind"];

export function pin({ store, clock }: Pick<Engine, "store" | "clock">, input: { kind: PinKind; name: string; reason?: string; actor: Actor }): PinRow {
  return store.update((tx) => {
    const id = resolveId(tx, input.kind, input.name);
    const row: PinRow = {
      key: `${input.kind}:${id}`,
      kind: input.kind,
      id,
      ...(input.reason === undefined || input.reason === "" ? {} : { reason: input.reason }),
      createdMs: clock.nowMs(),
      by: input.actor,
    };
    tx.pins.put(row);
    return row;
  });
}

/** `not_found` if it isn't pinned. */
export function unpin({ store }: Pick<Engine, "store">, kind: PinKind, name: string): void {
  store.update((tx) => {
    if (!tx.pins.remove(`${kind}:${resolveId(tx, kind, name)}`)) throw notFound(`${kind} ${name} is not pinned`);
  });
}

export function listPins({ store }: Pick<Engine, "store">): PinRow[] {
  return store.view((tx) => tx.pins.list());
}

/** For the removal of containers, volumes and networks: `conflict` if it is pinned. */
export function assertUnpinned(tx: Pick<Reader, "pins">, kind: PinKind, id: string, name: string): void {
  const row = tx.pins.find(`${kind}:${id}`);
  if (row === undefined) return;
  throw conflict(`conflict: unable to remove ${kind} ${name} (cannot be forced) - ${kind} is pinned`, {
    blockers: [{ kind: "pin", id: row.key, name: row.reason ?? "pinned", how: "pins it" }],
    suggestion: `berth unpin ${kind} ${name}`,
  });
}

function resolveId(tx: Reader, kind: PinKind, name: string): string {
  switch (kind) {
    case "image":
      return resolveImage(tx, name).image.id;
    case "container":
      return resolveContainer(tx, name).id;
    case "volume":
      return resolveVolume(tx, name).name;
    case "network":
      return resolveNetwork(tx, name).id;
    default:
      throw invalid(`cannot pin a ${String(kind)}`);
  }
}
