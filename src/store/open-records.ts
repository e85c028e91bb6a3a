// Reader and Writer as one object: tables in memory written through, events on disk only.
import { release } from "./release.ts";
import { MemoryTable } from "./table.ts";
import type { Db, TableName } from "./db.ts";
import type { Collected, ContainerIndex, Holds, ImageIndex, LeaseIndex, Writer } from "./records.ts";
import type { BlobRow, ContainerRow, DiffRow, EventRow, ImageRow, LayerRow, LeaseRow, NetworkRow, PinRow, PlanRow, RefRow, VolumeRow } from "./rows.ts";
import type { Transaction } from "./transaction.ts";

/** Events kept; forgotten in portions, oldest first. */
export const EVENTS_KEPT = 100_000;
const EVENTS_PORTION = 1000;

interface Setting {
  key: string;
  value: string;
}

/** `discarded` gets rows whose files are to go once the transaction is committed. */
export function openRecords(db: Db, transaction: Transaction, discarded: (diffs: readonly DiffRow[], blobs: readonly BlobRow[]) => void): Writer {
  const table = <R extends object, Index extends string = never>(name: TableName, idOf: (row: R) => string, keysOf: Record<Index, (row: R) => readonly string[]>) =>
    new MemoryTable<R, Index>(db.sink(name), idOf, keysOf, transaction);
  const settings = table<Setting>("settings", (row) => row.key, {});
  let lastSeq = Math.max(db.lastEvent()?.seq ?? 0, Number(settings.find("events.last")?.value ?? 0));

  const addEvent = (event: Omit<EventRow, "seq">): EventRow => {
    const row: EventRow = { seq: lastSeq + 1, ...event };
    transaction.undo(() => (lastSeq = row.seq - 1));
    db.addEvent({ seq: row.seq, timeMs: Number(BigInt(row.timeNano) / 1_000_000n), text: JSON.stringify(row) });
    lastSeq = row.seq;
    if (row.seq % EVENTS_PORTION === 0) db.trimEvents(row.seq - EVENTS_KEPT);
    return row;
  };

  const tx: Writer = {
    images: table<ImageRow, ImageIndex>("images", (row) => row.id, {
      parent: (row) => (row.parent === undefined ? [] : [row.parent]),
      chain: (row) => row.chainIds,
      manifest: (row) => row.manifests.map((manifest) => manifest.digest),
    }),
    refs: table<RefRow, "image" | "repository">("refs", (row) => row.name, { image: (row) => [row.imageId], repository: (row) => [row.repository] }),
    layers: table<LayerRow, "parent" | "diff">("layers", (row) => row.chainId, {
      parent: (row) => (row.parent === undefined ? [] : [row.parent]),
      diff: (row) => [row.diffId],
    }),
    diffs: table<DiffRow>("diffs", (row) => row.diffId, {}),
    blobs: table<BlobRow>("blobs", (row) => row.digest, {}),
    leases: table<LeaseRow, LeaseIndex>("leases", (row) => row.id, {
      image: (row) => row.images,
      chain: (row) => row.chains,
      diff: (row) => row.diffs,
      blob: (row) => row.blobs,
    }),
    containers: table<ContainerRow, ContainerIndex>("containers", (row) => row.id, {
      image: (row) => [row.imageId],
      name: (row) => [row.name],
      chain: (row) => (row.chainId === undefined ? [] : [row.chainId]),
      volume: (row) => row.mounts.flatMap((mount) => (mount.Type === "volume" && mount.Name !== undefined ? [mount.Name] : [])),
      network: (row) => Object.keys(row.networks),
      mountedImage: (row) => row.mounts.flatMap((mount) => (mount.Type === "image" && mount.Name !== undefined ? [mount.Name] : [])),
    }),
    volumes: table<VolumeRow>("volumes", (row) => row.name, {}),
    networks: table<NetworkRow, "name">("networks", (row) => row.id, { name: (row) => [row.name] }),
    pins: table<PinRow, "object">("pins", (row) => row.key, { object: (row) => [row.id] }),
    plans: table<PlanRow>("plans", (row) => row.token, {}),
    eventsAfter: (seq, limit) => db.eventsAfter(seq, limit).map((event) => JSON.parse(event.text) as EventRow),
    get lastEventSeq() {
      return lastSeq;
    },
    eventSeqBefore: (timeMs) => seqBefore(db, lastSeq, timeMs),
    setting: (key) => settings.find(key)?.value,
    setSetting: (key, value) => settings.put({ key, value }),
    addEvent,
    release: (candidates: Holds): Collected => {
      const { collected, diffs, blobs } = release(tx, candidates);
      if (diffs.length + blobs.length > 0) transaction.afterCommit(() => discarded(diffs, blobs));
      return collected;
    },
    afterCommit: (hook) => transaction.afterCommit(hook),
  };
  return tx;
}

/** Events lie in order of time: halve the interval until it is one. */
function seqBefore(db: Db, lastSeq: number, timeMs: number): number {
  const first = db.firstEvent();
  if (first === undefined || first.timeMs >= timeMs) return 0;
  let low = first.seq;
  let high = lastSeq + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const event = db.eventsAfter(middle - 1, 1)[0];
    if (event !== undefined && event.timeMs < timeMs) low = middle;
    else high = middle;
  }
  return low;
}
