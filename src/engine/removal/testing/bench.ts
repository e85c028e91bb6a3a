// For tests: a real store in a temporary directory, tiny layers as rows and files, and the parts verbs need.
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKeyedLock } from "../../../base/lock.ts";
import { silentLog } from "../../../base/log.ts";
import { openStore, type ContainerRow, type DiffRow, type EventRow, type ImageRow, type Store } from "../../../store/store.ts";
import type { ChainId, DiffId, Digest, ImageId } from "../../../wire/oci.ts";
import { rfc3339, type Clock } from "../../clock.ts";
import { createEvents, type Events } from "../../events.ts";
import { setReference } from "../../image/tag.ts";

export const sha = (text: string): Digest => `sha256:${createHash("sha256").update(text).digest("hex")}`;

export interface ImageSpec {
  /** Layer names, bottom to top: equal names are equal content. */
  layers: readonly string[];
  /** Makes the image another although its layers are the same. */
  salt?: string;
  tags?: readonly string[];
  parent?: ImageId;
  labels?: Record<string, string>;
  createdMs?: number;
  pulledMs?: number;
  lastUsedMs?: number;
  manifest?: string;
  history?: readonly object[];
}

/** Bytes of a layer of this name: on the disk as much as its name says, e.g. "base-100". */
export const layerBytes = (name: string): number => Number(/-(\d+)$/.exec(name)?.[1] ?? 7);

export class Bench {
  nowMs = Date.UTC(2026, 0, 1);
  readonly clock: Clock = {
    nowMs: () => this.nowMs,
    nowRfc3339: () => rfc3339(BigInt(this.nowMs) * 1_000_000n),
    nowNano: () => (BigInt(this.nowMs) * 1_000_000n).toString(),
  };
  readonly log = silentLog;
  readonly containerLocks = createKeyedLock();
  readonly events: Events;
  private counter = 0;

  private constructor(
    readonly root: string,
    readonly store: Store,
  ) {
    this.events = createEvents(store, this.clock);
  }

  static async open(): Promise<Bench> {
    const root = mkdtempSync(join(tmpdir(), "berth-removal-"));
    return new Bench(root, await openStore({ root, runRoot: join(root, "run"), workerCommand: ["false"] }, silentLog));
  }

  async close(): Promise<void> {
    await this.store.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  image(spec: ImageSpec): ImageId {
    const { store, nowMs } = this;
    const createdMs = spec.createdMs ?? nowMs + this.counter++;
    const diffIds: DiffId[] = spec.layers.map(sha);
    const chainIds = diffIds.reduce<ChainId[]>((chains, diffId) => [...chains, chains.length === 0 ? diffId : sha(`${chains.at(-1)} ${diffId}`)], []);
    const config = JSON.stringify({ architecture: "amd64", os: "linux", config: { Labels: spec.labels ?? {} }, rootfs: { type: "layers", diff_ids: diffIds }, salt: spec.salt ?? "", history: spec.history ?? [], created: new Date(createdMs).toISOString() });
    const id = sha(config);
    const manifest = spec.manifest === undefined ? undefined : { digest: sha(spec.manifest), mediaType: "m", sizeBytes: spec.manifest.length };
    store.update((tx) => {
      spec.layers.forEach((name, index) => {
        const diffId = diffIds[index] as DiffId;
        const chainId = chainIds[index] as ChainId;
        if (!tx.diffs.has(diffId)) tx.diffs.put(this.diff(name, diffId));
        const parent = chainIds[index - 1];
        if (!tx.layers.has(chainId)) tx.layers.put({ chainId, diffId, sizeBytes: layerBytes(name), ...(parent === undefined ? {} : { parent }) });
      });
      this.blob(tx.blobs, id, config);
      if (spec.manifest !== undefined) this.blob(tx.blobs, sha(spec.manifest), spec.manifest);
      const row: ImageRow = {
        id, chainIds, diffIds, createdMs, created: new Date(createdMs).toISOString(), os: "linux", architecture: "amd64", labels: spec.labels ?? {},
        sizeBytes: spec.layers.reduce((sum, name) => sum + layerBytes(name), 0), configSizeBytes: config.length, manifests: manifest === undefined ? [] : [manifest],
        origin: { how: "pull", atMs: spec.pulledMs ?? nowMs, by: {} }, lastTaggedMs: 0, useCount: 0,
        ...(spec.parent === undefined ? {} : { parent: spec.parent }),
        ...(spec.lastUsedMs === undefined ? {} : { lastUsedMs: spec.lastUsedMs }),
      };
      tx.images.put(row);
    });
    for (const tag of spec.tags ?? []) this.tag(tag, id);
    return id;
  }

  /** Familiar `repo:tag` or `repo@sha256:…`. */
  tag(name: string, imageId: ImageId): void {
    this.store.update((tx) => setReference(tx, this.events, { name: `docker.io/${name.includes("/") ? "" : "library/"}${name}`, imageId, nowMs: this.nowMs, announce: false }));
  }

  container(input: { name: string; image: ImageId; running?: boolean; createdMs?: number; labels?: Record<string, string> }): string {
    const id = sha(`container ${input.name} ${this.counter++}`).slice("sha256:".length);
    const running = input.running ?? false;
    this.store.update((tx) => {
      const image = tx.images.find(input.image) as ImageRow;
      const top = image.chainIds.at(-1);
      tx.containers.put({
        id, name: input.name, created: "", createdMs: input.createdMs ?? this.nowMs, path: "true", args: [], imageId: image.id, imageRef: "x",
        config: { Labels: input.labels ?? {} }, hostConfig: {},
        state: { Status: running ? "running" : "exited", Running: running, Paused: false, Restarting: false, OOMKilled: false, Dead: false, Pid: 0, ExitCode: 0, Error: "", StartedAt: "0001-01-01T00:00:00Z", FinishedAt: "0001-01-01T00:00:00Z" },
        ...(top === undefined ? {} : { chainId: top }),
        diffIds: image.diffIds, mounts: [], networks: {}, restartCount: 0, hasBeenStarted: true, manuallyStopped: false, directory: id.slice(0, 12), sizeRwBytes: 5, diskRwBytes: 50, by: {},
      } satisfies ContainerRow);
    });
    return id;
  }

  /** What removing a container does to the records. */
  dropContainer(id: string): void {
    this.store.update((tx) => {
      const row = tx.containers.find(id);
      tx.containers.remove(id);
      if (row?.chainId !== undefined) tx.release({ chains: [row.chainId] });
    });
  }

  eventsSince(seq: number): EventRow[] {
    return this.store.view((tx) => tx.eventsAfter(seq, 1000));
  }

  layersOnDisk(): string[] {
    return readdirSync(join(this.root, "layers")).toSorted();
  }

  blobsOnDisk(): string[] {
    return readdirSync(join(this.root, "blobs", "sha256")).toSorted();
  }

  private diff(name: string, diffId: DiffId): DiffRow {
    // never the same directory twice, as in the real thing
    const directory = `${name}_${this.counter++}`;
    mkdirSync(join(this.root, "layers", directory));
    writeFileSync(join(this.root, "layers", directory, "file"), name);
    return { diffId, directory, sizeBytes: layerBytes(name), diskBytes: layerBytes(name), tarBytes: 0, entries: 1, sources: [] };
  }

  private blob(blobs: { has(id: string): boolean; put(row: { digest: Digest; sizeBytes: number; mediaType: string }): void }, digest: Digest, text: string): void {
    if (blobs.has(digest)) return;
    writeFileSync(this.store.content.path(digest), text);
    blobs.put({ digest, sizeBytes: text.length, mediaType: "x" });
  }
}
