// The archive endpoints and export: files in and out of a container's root, whether it runs or not.
import { existsSync } from "node:fs";
import { posix } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { conflict, EngineError, forbidden, invalid, messageOf, notFound } from "../../base/errors.ts";
import type { ArchiveStat, ContainerRow, MountRow, RootTarget } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { mountVolume, unmountVolume } from "../volume/mount.ts";
import { needsMount } from "../volume/options.ts";
import { emitContainerEvent } from "./container-event.ts";
import { currentRow, findContainer } from "./row.ts";
import { assertAllowed } from "./state.ts";

type Parts = Pick<Engine, "store" | "events" | "clock" | "log">;

/** HEAD /containers/{id}/archive */
export async function statContainerPath(engine: Parts, name: string, path: string): Promise<ArchiveStat> {
  return withPlace(engine, findContainer(engine, name), pathIn(path), (root, place) => found(name, path, () => statPlace(engine, root, place)));
}

/** GET /containers/{id}/archive */
export async function getContainerArchive(engine: Parts, name: string, path: string, { signal }: { signal?: AbortSignal }): Promise<{ stat: ArchiveStat; tar: AsyncIterable<Uint8Array> }> {
  const row = findContainer(engine, name);
  const { layers } = engine.store;
  const stat = await withPlace(engine, row, pathIn(path), (root, place) => found(name, path, () => statPlace(engine, root, place)));
  emitContainerEvent(engine, row, "archive-path");
  return { stat, tar: streamFrom(engine, row, pathIn(path), (root, place) => layers.archiveOut(root, place.path, { ...(place.name === undefined ? {} : { name: place.name }), ...(signal === undefined ? {} : { signal }) })) };
}

export interface PutArchiveOptions {
  noOverwriteDirNonDir?: boolean;
  copyUidGid?: boolean;
  signal?: AbortSignal;
}

/** PUT /containers/{id}/archive */
export async function putContainerArchive(engine: Parts, name: string, path: string, source: AsyncIterable<Uint8Array>, { noOverwriteDirNonDir = false, copyUidGid = false, signal }: PutArchiveOptions): Promise<void> {
  const row = findContainer(engine, name);
  const { layers } = engine.store;
  assertWritable(row, path);
  // what was measured holds no longer
  if (row.sizeRwBytes !== undefined) forgetSize(engine, row.id);
  let isUsed = false;
  await withPlace(engine, row, pathIn(path), async (root, place) => {
    const stat = await found(name, path, () => layers.statPath(root, place.path));
    if ((stat.mode & DIRECTORY) === 0 && stat.linkTarget === "") throw invalid("extraction point is not a directory");
    isUsed = true;
    await layers.archiveIn(root, place.path, source, { noOverwriteDirNonDir, copyUidGid, ...(signal === undefined ? {} : { signal }) });
  }, () => !isUsed);
  emitContainerEvent(engine, row, "extract-to-dir");
}

/** GET /containers/{id}/export */
export async function exportContainer(engine: Parts, name: string, { signal }: { signal?: AbortSignal }): Promise<AsyncIterable<Uint8Array>> {
  const row = findContainer(engine, name);
  assertAllowed("export", row, name);
  emitContainerEvent(engine, row, "export");
  // without what is mounted into it
  return streamFrom(engine, { ...row, state: { ...row.state, Pid: 0 } }, () => ({ path: "/" }), (root) => engine.store.layers.exportTar(root, signal));
}

/** Go's os.ModeDir */
const DIRECTORY = 0x8000_0000;

/** Where a path of the container is to be looked for. */
interface Place {
  /** A directory of the host that is mounted there; undefined: the container's own root. */
  root?: string;
  path: string;
  /** What it is called in the container, where that is another name. */
  name?: string;
  /** What has to be mounted for that. */
  volume?: MountRow;
}

/** In a container that does not run its volumes are not mounted: they are looked into where they are. */
function placeOf(engine: Parts, row: ContainerRow, path: string): Place {
  const wanted = absolute(path);
  const mount = row.state.Pid > 0 ? undefined : mountAt(row, wanted);
  if (mount === undefined || mount.Source === "") return { path: wanted };
  const volume = isMountedVolume(engine, mount) ? { volume: mount } : {};
  const rest = posix.normalize(wanted).slice(mount.Destination.length);
  if (rest !== "" && rest !== "/") return { root: mount.Source, path: `${rest}${wanted.endsWith("/.") ? "/." : ""}`, ...volume };
  return { root: posix.dirname(mount.Source), path: `/${posix.basename(mount.Source)}${wanted.endsWith("/.") ? "/." : rest}`, name: posix.basename(mount.Destination), ...volume };
}

function isMountedVolume({ store }: Parts, { Type, Name = "" }: MountRow): boolean {
  const volume = Type === "volume" ? store.view((tx) => tx.volumes.find(Name)) : undefined;
  return volume !== undefined && needsMount(volume.options);
}

function mountAt(row: ContainerRow, path: string): ContainerRow["mounts"][number] | undefined {
  const target = posix.normalize(path);
  const deepestFirst = row.mounts.toSorted((a, b) => b.Destination.length - a.Destination.length);
  return deepestFirst.find(({ Destination }) => target === Destination || target.startsWith(`${Destination}/`));
}

async function statPlace({ store }: Parts, root: string, { path, name }: Place): Promise<ArchiveStat> {
  const stat = await store.layers.statPath(root, path);
  return name === undefined ? stat : { ...stat, name };
}

type Find = (engine: Parts, row: ContainerRow) => Place;

const pathIn = (path: string): Find => (engine, row) => placeOf(engine, row, path);

/** A process that ends takes its root with it: the work is then done once more, where the files are now, if `canRepeat`. */
async function withPlace<T>(engine: Parts, row: ContainerRow, find: Find, work: (root: string, place: Place) => Promise<T>, canRepeat = () => true): Promise<T> {
  const place = find(engine, row);
  try {
    return await inPlace(engine, row, place, (root) => work(root, place));
  } catch (error) {
    const later = await rowAfterEnd(engine, row, error);
    if (later === undefined) throw error;
    if (!canRepeat()) throw conflict(`container ${row.id} is not running`, { container: row.id });
    return withPlace(engine, later, find, work, () => false);
  }
}

const SOON_MS = 2000;
const LOOK_MS = 10;

/** What is known of the container once the end of its process is, if it is that which the error comes from. */
async function rowAfterEnd({ store }: Parts, row: ContainerRow, error: unknown): Promise<ContainerRow | undefined> {
  const isAnswer = error instanceof EngineError && error.kind !== "internal";
  for (let waited = 0; ; waited += LOOK_MS) {
    const now = store.view((tx) => tx.containers.find(row.id));
    if (now === undefined) throw notFound(`No such container: ${row.id}`, { container: row.id }, error);
    if (isAnswer || row.state.Pid === 0) return undefined;
    // what has ended but still has its task is being taken down
    if (now.state.Pid !== row.state.Pid && (now.state.Pid > 0 || now.task === undefined)) return now;
    if (existsSync(`/proc/${row.state.Pid}/root/`) || waited >= SOON_MS) return undefined;
    await sleep(LOOK_MS);
  }
}

async function inPlace<T>(engine: Parts, row: ContainerRow, place: Place, work: (root: string) => Promise<T>): Promise<T> {
  if (place.root !== undefined) {
    if (place.volume === undefined) return work(place.root);
    try {
      await mountVolume(engine, row.id, place.volume);
      return await work(place.root);
    } finally {
      await unmountVolume(engine, row.id, place.volume);
    }
  }
  const target: RootTarget = { directory: row.directory, diffIds: row.diffIds, ...(row.state.Pid > 0 ? { pid: row.state.Pid } : {}) };
  return engine.store.layers.withRoot(target, work);
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}

/** Begins once more where the process ended before there was a piece. */
async function* streamFrom(engine: Parts, row: ContainerRow, find: Find, pieces: (root: string, place: Place) => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let hasBegun = false;
  try {
    for await (const piece of streamOnce(engine, row, find, pieces)) {
      hasBegun = true;
      yield piece;
    }
  } catch (error) {
    const later = hasBegun ? undefined : await rowAfterEnd(engine, row, error);
    if (later === undefined) throw error;
    yield* streamOnce(engine, later, find, pieces);
  }
}

/** The root stays mounted until the last piece was taken, or nobody wants more. */
async function* streamOnce(engine: Parts, row: ContainerRow, find: Find, pieces: (root: string, place: Place) => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let release = (): void => undefined;
  const done = new Promise<void>((resolve) => (release = resolve));
  let holding: Promise<void> = Promise.resolve();
  try {
    const [root, at] = await new Promise<[string, Place]>((resolve, reject) => {
      holding = withPlace(engine, row, find, (path, place) => {
        resolve([path, place]);
        return done;
      });
      holding.catch(reject);
    });
    yield* pieces(root, at);
  } finally {
    release();
    await holding.catch(() => undefined);
  }
}

async function found<T>(name: string, path: string, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind !== "not_found") throw error;
    throw notFound(`Could not find the file ${path} in container ${name}`, { container: name }, new Error(messageOf(error)));
  }
}

function assertWritable(row: ContainerRow, path: string): void {
  const mount = mountAt(row, absolute(path));
  if (mount?.RW === false) throw forbidden("mounted volume is marked read-only");
  if (mount === undefined && row.hostConfig.ReadonlyRootfs === true) throw forbidden("container rootfs is marked read-only");
}

function forgetSize({ store }: Parts, containerId: string): void {
  store.update((tx) => {
    const { sizeRwBytes: _size, diskRwBytes: _disk, ...rest } = currentRow(tx, containerId);
    tx.containers.put(rest);
  });
}
