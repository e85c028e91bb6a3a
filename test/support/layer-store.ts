// A store in a temporary directory, with real workers, for tests of layers.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../src/base/log.ts";
import { openStore } from "../../src/store/open.ts";
import type { Store } from "../../src/store/store.ts";

export interface LayerStore extends AsyncDisposable {
  store: Store;
  /** For the test's own files. */
  directory: string;
  layersDirectory: string;
  leaseId: string;
  ingest(tar: Uint8Array, options?: Partial<Parameters<Store["layers"]["ingest"]>[1]>): ReturnType<Store["layers"]["ingest"]>;
  /** sha256 of what the layer's tar is written back as. */
  repacked(diffId: `sha256:${string}`): Promise<string>;
}

export async function openLayerStore(): Promise<LayerStore> {
  const directory = mkdtempSync(join(tmpdir(), "berth-layers-"));
  const root = join(directory, "data");
  const store = await openStore({ root, runRoot: join(directory, "run"), workerCommand: [process.execPath, join(import.meta.dir, "worker-entry.ts")] }, silentLog);
  const leaseId = "test";
  store.update((tx) => {
    tx.leases.put({ id: leaseId, purpose: "test", createdMs: Date.now(), expiresMs: Date.now() + 3_600_000, images: [], diffs: [], chains: [], blobs: [] });
  });
  return {
    store,
    directory,
    layersDirectory: join(root, "layers"),
    leaseId,
    ingest: (tar, options = {}) => store.layers.ingest(pieces(tar), { leaseId, ...options }),
    async repacked(diffId) {
      const hash = createHash("sha256");
      for await (const bytes of store.layers.tar(diffId)) hash.update(bytes);
      return `sha256:${hash.digest("hex")}`;
    },
    async [Symbol.asyncDispose]() {
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Odd sizes, so that no boundary of the archive falls on one of a piece. */
export async function* pieces(bytes: Uint8Array, size = 7919): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
