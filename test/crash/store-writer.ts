// Adds and removes images in a store as fast as it can, telling each finished step on stdout, until it is killed.
import { createHash, randomInt } from "node:crypto";
import { mkdirSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { silentLog } from "../../src/base/log.ts";
import { endLease, holdInLease, openLease, openStore, type ImageRow } from "../../src/store/store.ts";
import type { Digest } from "../../src/wire/oci.ts";

const [root = "", seed = "0"] = process.argv.slice(2);
const sha = (text: string): Digest => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const store = await openStore({ root, runRoot: join(root, "run"), workerCommand: ["false"] }, silentLog);
const tell = (line: string): void => void writeSync(1, `${line}\n`);

/** As a pull does: lease, bytes, rows of layers, blob, image; lease ends. */
function add(name: string): void {
  const lease = openLease(store, `add ${name}`);
  // every third shares its lower layer with others
  const layers = [`shared-${randomInt(3)}`, name];
  const diffIds = layers.map(sha);
  layers.forEach((layer, index) => {
    const diffId = diffIds[index] as Digest;
    if (store.view((tx) => tx.diffs.has(diffId))) return void store.update((tx) => holdInLease(tx, lease, { diffs: [diffId] }));
    const directory = `${layer}_${seed}_${name}`;
    mkdirSync(join(root, "layers", directory));
    writeFileSync(join(root, "layers", directory, "file"), layer);
    store.update((tx) => {
      tx.diffs.put({ diffId, directory, sizeBytes: 1, diskBytes: 1, tarBytes: 1, entries: 1, sources: [] });
      holdInLease(tx, lease, { diffs: [diffId] });
    });
  });
  const config = store.content.write(new TextEncoder().encode(JSON.stringify({ name })), "config", lease);
  const [first, second] = diffIds as [Digest, Digest];
  const top = sha(`${first} ${second}`);
  store.update((tx) => {
    tx.layers.put({ chainId: first, diffId: first, sizeBytes: 1 });
    tx.layers.put({ chainId: top, diffId: second, parent: first, sizeBytes: 1 });
    tx.images.put({
      id: config.digest, chainIds: [first, top], diffIds, created: "", createdMs: 0, os: "linux", architecture: "amd64", labels: {}, sizeBytes: 2, configSizeBytes: 1,
      manifests: [], origin: { how: "load", atMs: 0, by: {} }, lastTaggedMs: 0, useCount: 0,
    } satisfies ImageRow);
    endLease(tx, lease);
  });
  tell(`added ${config.digest}`);
}

function remove(image: ImageRow): void {
  tell(`removing ${image.id}`);
  store.update((tx) => {
    tx.images.remove(image.id);
    tx.release({ chains: image.chainIds.slice(-1), blobs: [image.id] });
  });
}

tell("ready");
for (let step = 0; ; step++) {
  const images = store.view((tx) => tx.images.list());
  const victim = images[randomInt(images.length + 1)];
  if (images.length > 20 && victim !== undefined) remove(victim);
  else add(`image-${seed}-${step}`);
  if (step % 7 === 0) void store.collect();
  await new Promise((resolve) => setImmediate(resolve));
}
