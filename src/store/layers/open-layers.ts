// Layers over one data root. Image layers: layers/<directory>/{diff,recipe,…}, one per diff ID. Containers' read-write
// layers: rw/<directory>/{diff,work}. Below all of them: init/diff.
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { internal, notFound } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import { type FileCalls, MNT_DETACH, openFileCalls } from "../../linux/file-calls.ts";
import { spreadDirectories } from "../../linux/spread-directories.ts";
import type { DiffId } from "../../wire/oci.ts";
import type { ArchiveStat, Change, IngestedLayer, LayerIngest, Layers, OverlayMount, RootTarget } from "../layers.ts";
import type { Reader, Writer } from "../records.ts";
import type { UsageResult } from "../worker/jobs.ts";
import { ensureInitLayer } from "./init-layer.ts";
import { ingestLayer, type IngestParts, newDirectoryName } from "./ingest.ts";
import { MountedRoots } from "./overlay.ts";
import { layeredDirectoryMode, readLayeredFile } from "./read-file.ts";
import { WorkerPool } from "./worker-pool.ts";

export interface LayersOptions {
  /** Layers are in <root>/layers/<directory>/ (a layer's recipe inside it), read-write layers in <root>/rw/<directory>/.
   * What stands there and no row knows is discarded when the store opens, before this is called. */
  root: string;
  runRoot: string;
  workerCommand: readonly string[];
  log: Log;
  view<T>(read: (tx: Reader) => T): T;
  update<T>(write: (tx: Writer) => T extends Promise<unknown> ? never : T): T;
  /** Renames into the trash at once; bytes go in the background. */
  discard(path: string): void;
}

export function openLayers(options: LayersOptions): Layers & { close(): void } {
  const calls = openFileCalls();
  const layersDirectory = join(options.root, "layers");
  const rwDirectory = join(options.root, "rw");
  const mountsDirectory = join(options.runRoot, "roots");
  for (const path of [layersDirectory, rwDirectory]) {
    mkdirSync(path, { recursive: true, mode: 0o711 });
    spreadDirectories(path);
  }
  clearMounts(calls, mountsDirectory);
  return new DiskLayers({ ...options, layersDirectory, rwDirectory, calls, init: ensureInitLayer(options.root), roots: new MountedRoots(calls, layersDirectory, mountsDirectory), pool: new WorkerPool(options.workerCommand) });
}

/** Mounts of a daemon that was killed. */
function clearMounts(calls: FileCalls, directory: string): void {
  if (!existsSync(directory)) return;
  for (const name of readdirSync(directory)) while (calls.unmount(join(directory, name), MNT_DETACH));
  rmSync(directory, { recursive: true, force: true });
}

interface Parts extends IngestParts {
  rwDirectory: string;
  calls: FileCalls;
  init: string;
  roots: MountedRoots;
}

class DiskLayers implements Layers {
  constructor(private readonly parts: Parts) {}

  /** Idle workers end; one that works ends with its job. */
  close(): void {
    this.parts.pool.close();
  }

  ingest(source: AsyncIterable<Uint8Array>, options: LayerIngest): Promise<IngestedLayer> {
    return ingestLayer(this.parts, source, options);
  }

  tar(diffId: DiffId, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    return this.parts.pool.stream({ job: "pack", directory: this.directoryOf(diffId) }, { signal });
  }

  gzip(diffId: DiffId, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    return this.parts.pool.stream({ job: "pack", directory: this.directoryOf(diffId), gzip: true }, { signal });
  }

  async commit(directory: string, leaseId: string) {
    const source = this.parts.pool.stream({ job: "pack-upper", upper: join(this.parts.rwDirectory, directory, "diff") });
    return (await this.ingest(source, { leaseId })).row;
  }

  prepare(_containerId: string): string {
    const directory = newDirectoryName();
    const path = join(this.parts.rwDirectory, directory);
    mkdirSync(join(path, "diff"), { recursive: true, mode: 0o755 });
    mkdirSync(join(path, "work"), { mode: 0o700 });
    return directory;
  }

  overlay(directory: string, diffIds: readonly DiffId[]): OverlayMount {
    const path = join(this.parts.rwDirectory, directory);
    return { lower: this.lower(diffIds), upper: join(path, "diff"), work: join(path, "work") };
  }

  remove(directory: string): void {
    this.parts.discard(join(this.parts.rwDirectory, directory));
  }

  usage(directory: string): Promise<UsageResult> {
    return this.measure(join(this.parts.rwDirectory, directory));
  }

  measure(path: string): Promise<UsageResult> {
    return this.parts.pool.run<UsageResult>({ job: "usage", path });
  }

  changes(directory: string, diffIds: readonly DiffId[]): Promise<Change[]> {
    return this.parts.pool.run<Change[]>({ job: "changes", upper: join(this.parts.rwDirectory, directory, "diff"), lower: this.lower(diffIds) });
  }

  async readFile(directory: string, diffIds: readonly DiffId[], path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    return readLayeredFile(this.parts.calls, this.roots(directory, diffIds), path, maxBytes);
  }

  directoryMode(directory: string, diffIds: readonly DiffId[], path: string): number | undefined {
    return layeredDirectoryMode(this.parts.calls, this.roots(directory, diffIds), path);
  }

  /** Top to bottom. */
  private roots(directory: string, diffIds: readonly DiffId[]): string[] {
    return [join(this.parts.rwDirectory, directory, "diff"), ...this.lower(diffIds)];
  }

  withRoot<T>(target: RootTarget, work: (root: string) => Promise<T>): Promise<T> {
    if (target.pid !== undefined) return work(`/proc/${target.pid}/root`);
    return this.parts.roots.use(target.directory, () => this.overlay(target.directory, target.diffIds), work);
  }

  statPath(root: string, path: string): Promise<ArchiveStat> {
    return this.parts.pool.run<ArchiveStat>({ job: "stat", root, path });
  }

  archiveOut(root: string, path: string, { name, signal }: { name?: string; signal?: AbortSignal } = {}): AsyncIterable<Uint8Array> {
    return this.parts.pool.stream({ job: "archive-out", root, path, ...(name === undefined ? {} : { name }) }, { signal });
  }

  archiveIn(root: string, path: string, source: AsyncIterable<Uint8Array>, options: { noOverwriteDirNonDir: boolean; copyUidGid: boolean; signal?: AbortSignal }): Promise<void> {
    return this.parts.pool.run<void>({ job: "archive-in", root, path, keepDirectories: options.noOverwriteDirNonDir }, { input: source, signal: options.signal });
  }

  exportTar(root: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    return this.parts.pool.stream({ job: "export", root }, { signal });
  }

  async copyUp(target: RootTarget, path: string, volumeDirectory: string): Promise<void> {
    if (readdirSync(volumeDirectory).length > 0) return;
    await this.withRoot(target, async (root) => {
      const stat = await this.statPath(root, `${path}/`).catch((error: { kind?: string }) => {
        if (error.kind === "not_found" || error.kind === "invalid") return undefined;
        throw error;
      });
      if (stat === undefined) return;
      await this.archiveIn(volumeDirectory, "/", this.archiveOut(root, `${path}/.`), { noOverwriteDirNonDir: false, copyUidGid: false });
    });
  }

  async makeDirectory(target: RootTarget, path: string): Promise<void> {
    await this.withRoot(target, (root) => this.parts.pool.run({ job: "make-directory", root, path }));
  }

  private directoryOf(diffId: DiffId): string {
    const row = this.parts.view((tx) => tx.diffs.find(diffId));
    if (row === undefined) throw notFound(`layer ${diffId} does not exist`);
    return join(this.parts.layersDirectory, row.directory);
  }

  private lower(diffIds: readonly DiffId[]): string[] {
    const { layersDirectory, view, init } = this.parts;
    const directories = view((tx) =>
      diffIds.map((diffId) => {
        const row = tx.diffs.find(diffId);
        if (row === undefined) throw internal(`layer ${diffId} does not exist`);
        return join(layersDirectory, row.directory, "diff");
      }),
    );
    // a layer that stands twice in an image counts where it is higher
    return [...new Set(directories.toReversed()), init];
  }
}
