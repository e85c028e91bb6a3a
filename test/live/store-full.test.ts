// A disk that is full to the last byte: removing still works, and what was removed gives its room back.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../src/base/log.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import type { Digest } from "../../src/wire/oci.ts";

const MIB = 1024 * 1024;
let root = "";
let mounted = false;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "berth-full-"));
  mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=80m", "tmpfs", root]).status === 0;
});
afterEach(() => {
  if (mounted) spawnSync("umount", ["-l", root]);
  rmSync(root, { recursive: true, force: true });
});

const open = (): Promise<Store> => openStore({ root: join(root, "data"), runRoot: join(root, "run"), workerCommand: ["false"] }, silentLog);
const digest = (index: number): Digest => `sha256:${String(index).padStart(64, "0")}`;

/** Every byte that is left. */
function fill(): void {
  let part = MIB;
  for (let index = 0; part >= 1; index++) {
    try {
      writeFileSync(join(root, `filler-${index}`), new Uint8Array(part));
    } catch {
      rmSync(join(root, `filler-${index}`), { force: true });
      part = Math.floor(part / 2);
    }
  }
}

test("names and layers can be removed on a full disk, their bytes come back, and the reserve too", async () => {
  if (!mounted) {
    console.log("skipped: needs to mount a tmpfs");
    return;
  }
  const store = await open();
  store.update((tx) => {
    for (let index = 0; index < 200; index++) {
      tx.diffs.put({ diffId: digest(index), directory: `d${index}`, sizeBytes: 1, diskBytes: 100_000, tarBytes: 1, entries: 1, sources: [] });
      tx.layers.put({ chainId: digest(index), diffId: digest(index), sizeBytes: 1 });
      tx.volumes.put({ name: `v${index}`, driver: "local", created: "", createdMs: 0, labels: {}, options: {}, anonymous: false });
    }
  });
  for (let index = 0; index < 200; index++) {
    mkdirSync(join(root, "data/layers", `d${index}`));
    writeFileSync(join(root, "data/layers", `d${index}`, "file"), new Uint8Array(100_000));
  }
  fill();
  expect(() => writeFileSync(join(root, "more"), new Uint8Array(4096))).toThrow("ENOSPC");

  const text = "x".repeat(2000);
  // far more pages than a write-ahead log of old has room for
  for (let index = 0; index < 200; index++) {
    store.update((tx) => {
      tx.release({ chains: [digest(index)] });
      const volume = tx.volumes.find(`v${index}`);
      if (volume !== undefined) tx.volumes.put({ ...volume, labels: { text } });
    });
    // as between requests: bytes go meanwhile
    await new Promise((resolve) => setImmediate(resolve));
  }
  await store.idle();
  expect(store.view((tx) => [tx.layers.size, tx.diffs.size])).toEqual([0, 0]);
  writeFileSync(join(root, "more"), new Uint8Array(4096));
  await store.close();

  const again = await open();
  expect(again.view((tx) => [tx.layers.size, tx.volumes.size, tx.volumes.find("v199")?.labels["text"]?.length])).toEqual([0, 200, 2000]);
  await again.close();
});

test("what cannot be written is told, and memory stays as the disk", async () => {
  if (!mounted) {
    console.log("skipped: needs to mount a tmpfs");
    return;
  }
  const store = await open();
  fill();
  let failure: unknown;
  let written = 0;
  // the reserve lasts a while; then it is really full
  for (; written < 20_000 && failure === undefined; written++) {
    try {
      store.update((tx) => tx.setSetting(`k${written}`, "x".repeat(4000)));
    } catch (error) {
      failure = error;
    }
  }
  expect(failure).toMatchObject({ kind: "unavailable", message: "no space left on device" });
  const last = written - 1;
  expect(store.view((tx) => [tx.setting(`k${last}`) === undefined, tx.setting(`k${last - 1}`) !== undefined])).toEqual([true, true]);
  rmSync(join(root, "filler-0"));
  store.update((tx) => tx.setSetting("after", "1"));
  await store.close();
  const again = await open();
  expect(again.view((tx) => [tx.setting("after"), tx.setting(`k${last}`)])).toEqual(["1", undefined]);
  await again.close();
});
