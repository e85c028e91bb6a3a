import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../base/log.ts";
import type { Digest } from "../wire/oci.ts";
import { endLease, holdInLease, openLease, openStore, type DiffRow, type ImageRow, type Store } from "./store.ts";

let root = "";
let store: Store;
const reopen = async (): Promise<Store> => openStore({ root, runRoot: join(root, "run"), workerCommand: ["false"] }, silentLog);

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "berth-store-"));
  store = await reopen();
});
afterEach(async () => {
  await store.close();
  rmSync(root, { recursive: true, force: true });
});

const sha = (text: string): Digest => `sha256:${new Bun.CryptoHasher("sha256").update(text).digest("hex")}`;

function diff(name: string): DiffRow {
  mkdirSync(join(root, "layers", name));
  writeFileSync(join(root, "layers", name, "file"), name);
  return { diffId: sha(name), directory: name, sizeBytes: 10, diskBytes: 100, tarBytes: 20, entries: 1, sources: [] };
}

function image(id: Digest, chainIds: Digest[], diffIds: Digest[]): ImageRow {
  return {
    id, chainIds, diffIds, created: "", createdMs: 0, os: "linux", architecture: "amd64", labels: {}, sizeBytes: 10 * chainIds.length, configSizeBytes: 2,
    manifests: [], origin: { how: "load", atMs: 0, by: {} }, lastTaggedMs: 0, useCount: 0,
  };
}

const event = (action: string, timeMs: number) => ({ type: "image", action, actorId: "x", attributes: {}, timeNano: `${timeMs}000000` });
const layersOnDisk = (): string[] => readdirSync(join(root, "layers")).toSorted();

test("what was committed is there after opening again; what threw is not", async () => {
  store.update((tx) => tx.setSetting("a", "1"));
  expect(() =>
    store.update((tx) => {
      tx.setSetting("a", "2");
      tx.setSetting("b", "2");
      throw new Error("broken");
    }),
  ).toThrow("broken");
  expect(store.view((tx) => [tx.setting("a"), tx.setting("b")])).toEqual(["1", undefined]);
  await store.close();
  store = await reopen();
  expect(store.view((tx) => [tx.setting("a"), tx.setting("b")])).toEqual(["1", undefined]);
});

test("hooks run after the commit in order, and not after a failure", () => {
  const done: string[] = [];
  store.update((tx) => {
    tx.afterCommit(() => done.push(`first ${store.view((reader) => reader.setting("k"))}`));
    tx.afterCommit(() => store.update((inner) => inner.setSetting("k", "3")));
    tx.afterCommit(() => done.push("third"));
    tx.setSetting("k", "v");
    done.push("body");
  });
  expect(() =>
    store.update((tx) => {
      tx.afterCommit(() => done.push("never"));
      throw new Error("broken");
    }),
  ).toThrow();
  expect(done).toEqual(["body", "first v", "third"]);
  expect(store.view((tx) => tx.setting("k"))).toBe("3");
});

test("a transaction within a transaction and one that would wait are refused", () => {
  expect(() => store.update(() => store.update((tx) => tx.setSetting("a", "1")))).toThrow("open already");
  expect(() => store.update((() => Promise.resolve()) as never)).toThrow("cannot wait");
  store.update((tx) => tx.setSetting("a", "1"));
});

test("one data root has one owner, and a newer one is refused", async () => {
  await expect(reopen()).rejects.toMatchObject({ kind: "conflict" });
  await store.close();
  const { Database } = await import("bun:sqlite");
  const database = new Database(join(root, "berth.db"));
  database.run("PRAGMA user_version = 999");
  database.close();
  await expect(reopen()).rejects.toThrow("newer version");
  const again = new Database(join(root, "berth.db"));
  again.run("PRAGMA user_version = 1");
  again.close();
  store = await reopen();
});

test("events are numbered without gaps, also after a failed transaction and a restart", async () => {
  store.update((tx) => tx.addEvent(event("pull", 1000)));
  expect(() =>
    store.update((tx) => {
      tx.addEvent(event("lost", 1500));
      throw new Error("broken");
    }),
  ).toThrow();
  store.update((tx) => tx.addEvent(event("tag", 2000)));
  await store.close();
  store = await reopen();
  store.update((tx) => tx.addEvent(event("untag", 3000)));
  expect(store.view((tx) => tx.eventsAfter(0, 10)).map((row) => [row.seq, row.action])).toEqual([[1, "pull"], [2, "tag"], [3, "untag"]]);
  expect(store.view((tx) => tx.eventsAfter(1, 1)).map((row) => row.action)).toEqual(["tag"]);
  expect(store.view((tx) => [500, 1000, 1001, 2500, 9999].map((ms) => tx.eventSeqBefore(ms)))).toEqual([0, 0, 1, 2, 3]);
});

test("a blob lives by its lease, and its file goes with the lease", async () => {
  const lease = openLease(store, "test");
  const row = store.content.write(new TextEncoder().encode('{"a":1}'), "application/json", lease);
  expect(row.digest).toBe(sha('{"a":1}'));
  expect(store.content.readJson<{ a: number }>(row.digest).a).toBe(1);
  await store.collect();
  expect(existsSync(store.content.path(row.digest))).toBe(true);
  expect(endLease(store, lease).blobs).toEqual([row.digest]);
  expect(store.content.has(row.digest)).toBe(false);
  await store.idle();
  expect(existsSync(store.content.path(row.digest))).toBe(false);
  expect(() => store.content.read(row.digest)).toThrow("not found");
});

test("a blob written again while its old file waits to go stays", async () => {
  const bytes = new TextEncoder().encode("again");
  const first = openLease(store, "first");
  const { digest } = store.content.write(bytes, "text/plain", first);
  endLease(store, first);
  const second = openLease(store, "second");
  store.content.write(bytes, "text/plain", second);
  await store.idle();
  expect(new TextDecoder().decode(store.content.read(digest))).toBe("again");
});

test("release lets go of a chain from the top to the first layer something else holds", async () => {
  const [base, middle, top] = ["base", "middle", "top"].map(diff) as [DiffRow, DiffRow, DiffRow];
  const [c1, c2, c3] = [sha("c1"), sha("c2"), sha("c3")];
  store.update((tx) => {
    for (const row of [base, middle, top]) tx.diffs.put(row);
    tx.layers.put({ chainId: c1, diffId: base.diffId, sizeBytes: 10 });
    tx.layers.put({ chainId: c2, diffId: middle.diffId, parent: c1, sizeBytes: 10 });
    tx.layers.put({ chainId: c3, diffId: top.diffId, parent: c2, sizeBytes: 10 });
    tx.images.put(image(sha("one"), [c1], [base.diffId]));
    tx.images.put(image(sha("three"), [c1, c2, c3], [base.diffId, middle.diffId, top.diffId]));
  });
  const gone = store.update((tx) => {
    tx.images.remove(sha("three"));
    return tx.release({ chains: [c3] });
  });
  expect(gone).toEqual({ chains: [c3, c2], diffs: [top.diffId, middle.diffId], blobs: [], freedBytes: 200 });
  await store.idle();
  expect(layersOnDisk()).toEqual(["base"]);
});

test("a collection removes what nothing reaches and nothing else", async () => {
  const [kept, leased, lost] = ["kept", "leased", "lost"].map(diff) as [DiffRow, DiffRow, DiffRow];
  const lease = openLease(store, "pull");
  store.update((tx) => {
    for (const row of [kept, leased, lost]) tx.diffs.put(row);
    tx.layers.put({ chainId: kept.diffId, diffId: kept.diffId, sizeBytes: 10 });
    tx.layers.put({ chainId: lost.diffId, diffId: lost.diffId, sizeBytes: 10 });
    tx.images.put(image(sha("kept"), [kept.diffId], [kept.diffId]));
    holdInLease(tx, lease, { diffs: [leased.diffId] });
  });
  const [one, two] = await Promise.all([store.collect(), store.collect()]);
  expect(one).toBe(two);
  expect(one.chains).toEqual([lost.diffId]);
  await store.idle();
  expect(layersOnDisk()).toEqual(["kept", "leased"]);
});

test("leases end with the daemon, and what no row knows goes at the start; volumes stay", async () => {
  const lease = openLease(store, "pull");
  const row = diff("leased");
  store.update((tx) => {
    tx.diffs.put(row);
    holdInLease(tx, lease, { diffs: [row.diffId] });
  });
  for (const path of ["layers/unknown", "rw/unknown", "containers/unknown", "volumes/mine", "trash/old"]) mkdirSync(join(root, path, "deep"), { recursive: true });
  writeFileSync(join(root, "blobs/sha256/feed"), "x");
  await store.close();
  store = await reopen();
  await store.idle();
  for (const path of ["layers", "rw", "containers", "trash", "blobs/sha256"]) expect(readdirSync(join(root, path))).toEqual([]);
  expect(existsSync(join(root, "volumes/mine"))).toBe(true);
  expect(store.view((tx) => [tx.leases.size, tx.diffs.size])).toEqual([0, 0]);
});

test("discarding a path makes room for its name at once", async () => {
  const path = store.containerPath("abc");
  mkdirSync(join(path, "deep/er"), { recursive: true });
  store.discard(path);
  expect(existsSync(path)).toBe(false);
  store.discard(path);
  await store.idle();
  expect(readdirSync(join(root, "trash"))).toEqual([]);
});

test("rows whose files are missing are forgotten, so that they can come anew", async () => {
  const [lost, kept] = [diff("lost"), diff("kept")];
  const lease = openLease(store, "test");
  const blob = store.content.write(new TextEncoder().encode("{}"), "x", lease);
  store.update((tx) => {
    for (const row of [lost, kept]) {
      tx.diffs.put(row);
      tx.layers.put({ chainId: row.diffId, diffId: row.diffId, sizeBytes: 10 });
    }
    tx.images.put(image(blob.digest, [lost.diffId], [lost.diffId]));
    tx.images.put(image(sha("kept"), [kept.diffId], [kept.diffId]));
  });
  rmSync(join(root, "layers", "lost"), { recursive: true });
  rmSync(store.content.path(blob.digest));
  await store.close();
  store = await reopen();
  await store.collect();
  expect(store.view((tx) => [tx.images.size, tx.layers.size, tx.diffs.list().map((row) => row.directory), tx.blobs.size])).toEqual([2, 2, ["kept"], 0]);
});
