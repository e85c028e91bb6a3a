// DELETE /volumes/{name}: removes a volume that no container uses.
import { dirname } from "node:path";
import { conflict, notFound } from "../../base/errors.ts";
import type { Actor, VolumeRow, Writer } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { assertUnpinned } from "../removal/pins.ts";
import type { VolumeParts } from "./create.ts";
import { addGoing, dropGoing } from "./going.ts";
import { ensureUnmounted } from "./mount.ts";

/** 409 `remove NAME: volume is in use - [ids]`. `force`: a missing one is a success. */
export async function removeVolume(engine: VolumeParts & Pick<Engine, "log">, name: string, { force = false, actor }: { force?: boolean; actor: Actor }): Promise<void> {
  const row = engine.store.update((tx) => {
    const found = tx.volumes.find(name);
    if (found === undefined) {
      if (force) return undefined;
      throw notFound(`get ${name}: no such volume`, { volume: name });
    }
    dropVolumeRow(tx, engine, found, actor);
    return found;
  });
  if (row !== undefined) await discardVolume(engine, name);
}

/** Row and event; the directory is the caller's to discard after the commit. Throws if it is in use or pinned. */
export function dropVolumeRow(tx: Writer, engine: Pick<Engine, "events">, row: VolumeRow, actor: Actor): void {
  const users = tx.containers.by("volume", row.name);
  if (users.length > 0) {
    throw conflict(`remove ${row.name}: volume is in use - [${users.map((container) => container.id).join(", ")}]`, {
      volume: row.name,
      blockers: users.map((container) => ({ kind: "container", id: container.id, name: container.name, how: "mounts it", state: container.state.Status })),
      suggestion: `berth rm ${users.some((container) => container.state.Running) ? "-f " : ""}${users.map((container) => container.name).join(" ")} && berth volume rm ${row.name}`,
    });
  }
  assertUnpinned(tx, "volume", row.name, row.name);
  tx.volumes.remove(row.name);
  addGoing(tx, row.name);
  engine.events.add(tx, { type: "volume", action: "destroy", actorId: row.name, attributes: { driver: row.driver }, by: actor });
}

/** What is mounted there is another's data: it goes out of the way first. */
export async function discardVolume(engine: Pick<Engine, "store" | "log">, name: string): Promise<void> {
  const path = engine.store.volumePath(name);
  await ensureUnmounted(engine, path);
  // a volume of that name made meanwhile has the directory now
  if (!engine.store.view((tx) => tx.volumes.has(name))) engine.store.discard(dirname(path));
  engine.store.update((tx) => dropGoing(tx, name));
}
