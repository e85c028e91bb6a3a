// Puts the store together: database, tables, content, layers, trash and collector over one data root.
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../base/log.ts";
import { Db } from "./db.ts";
import { discardOrphans, forgetMissing } from "./gc-orphans.ts";
import { Collector } from "./gc.ts";
import { openLayers } from "./layers/open-layers.ts";
import { openContent } from "./open-content.ts";
import { openRecords } from "./open-records.ts";
import type { Store, StoreOptions } from "./store.ts";
import { Reserve } from "./reserve.ts";
import { Transaction } from "./transaction.ts";
import { Trash } from "./trash.ts";

/** `conflict` if another daemon has this data root, or a newer version wrote it. */
export async function openStore(options: StoreOptions, log: Log): Promise<Store> {
  const rooms = makeRooms(options);
  const db = new Db(join(options.root, "berth.db"));
  const reserve = new Reserve(join(options.root, "reserve"), log);
  reserve.restore();
  const transaction = new Transaction(db, log, () => reserve.release());
  const trash = new Trash(rooms.trash, log.child("trash"), () => reserve.restore());
  const discard = (path: string): void => trash.discard(path);
  const tx = openRecords(db, transaction, (diffs, blobs) => collector.discardFiles(diffs, blobs));
  const content = openContent(rooms.blobs, tx, transaction);
  const collector = new Collector({ layersDirectory: rooms.layers, tx, transaction, content, discard, settle: () => db.settle(), log: log.child("collector") });
  // leases of an earlier daemon: their work ended with it
  transaction.run(() => tx.leases.list().forEach((lease) => tx.leases.remove(lease.id)));
  transaction.run(() => forgetMissing(tx, { layers: rooms.layers, blobs: rooms.blobs, log }));
  discardOrphans(tx, { root: options.root, blobs: rooms.blobs, discard, log });

  const view: Store["view"] = (read) => read(tx);
  const update: Store["update"] = (write) => transaction.run(() => write(tx)) as ReturnType<typeof write> extends Promise<unknown> ? never : ReturnType<typeof write>;
  const layers = openLayers({ ...options, log: log.child("layers"), view, update, discard });
  const idle = async (): Promise<void> => {
    await collector.idle();
    await trash.idle();
  };
  // garbage that an earlier daemon did not get to
  collector.collect().catch((error: unknown) => log.error("collection failed", { error }));

  return {
    view,
    update,
    content,
    layers,
    collect: () => collector.collect(),
    volumePath: (name) => join(rooms.volumes, name, "_data"),
    containerPath: (id) => join(rooms.containers, id),
    discard,
    idle,
    async close() {
      await collector.idle();
      await trash.close();
      reserve.close();
      layers.close();
      db.close();
    },
  };
}

function makeRooms({ root, runRoot }: StoreOptions) {
  const rooms = {
    blobs: join(root, "blobs", "sha256"),
    layers: join(root, "layers"),
    rw: join(root, "rw"),
    containers: join(root, "containers"),
    volumes: join(root, "volumes"),
    trash: join(root, "trash"),
  };
  mkdirSync(runRoot, { recursive: true, mode: 0o711 });
  // not for other users of the machine: an image may have programs with setuid, and what a container was told stands in the database
  mkdirSync(root, { recursive: true });
  chmodSync(root, 0o710);
  for (const path of [rooms.layers, rooms.rw, rooms.containers, rooms.volumes]) mkdirSync(path, { recursive: true, mode: 0o711 });
  return rooms;
}
