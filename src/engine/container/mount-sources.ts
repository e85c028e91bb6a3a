// A container's mounts at start: volumes and sources made ready, each turned into what the runtime mounts.
import { lstatSync, mkdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { EngineError, internal, invalid, messageOf } from "../../base/errors.ts";
import { systemErrorReason } from "../../base/system-error.ts";
import type { SpecMount } from "../../runtime/runtime.ts";
import type { ContainerRow, MountRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { mountVolume, unmountVolume, type VolumeMountParts } from "../volume/mount.ts";
import { needsMount } from "../volume/options.ts";
import { fillVolume } from "./fill.ts";
import { tmpfsMountOptions } from "./mount-parse.ts";

const byDestination = (a: { Destination: string }, b: { Destination: string }): number => (a.Destination < b.Destination ? -1 : 1);

/** In order of destination. What it made ready is undone with releaseMounts, also if it throws halfway. */
export async function prepareMounts(engine: VolumeMountParts, row: ContainerRow): Promise<SpecMount[]> {
  const mounts: SpecMount[] = [];
  for (const mount of row.mounts.toSorted(byDestination)) mounts.push(await prepare(engine, row, mount));
  for (const [destination, options] of Object.entries(row.hostConfig.Tmpfs ?? {}).toSorted()) mounts.push(tmpfs(engine, row, destination, options));
  return mounts;
}

/** At exit, and when a start has failed. */
export async function releaseMounts(engine: VolumeMountParts, row: ContainerRow): Promise<void> {
  for (const mount of row.mounts.toSorted(byDestination)) {
    if (mount.Type !== "volume") continue;
    try {
      await unmountVolume(engine, row.id, mount);
    } catch (error) {
      engine.log.warn("a volume was not unmounted", { container: row.id, volume: mount.Name, error: messageOf(error) });
    }
  }
}

async function prepare(engine: VolumeMountParts, row: ContainerRow, mount: MountRow): Promise<SpecMount> {
  const common = { destination: mount.Destination, readOnly: !mount.RW };
  switch (mount.Type) {
    case "tmpfs":
      return tmpfs(engine, row, mount.Destination, tmpfsMountOptions(mount.request ?? { Type: "tmpfs", Target: mount.Destination }).join(","));
    case "bind":
      return { type: "bind", source: bindSource(mount), ...common, ...bindOptions(mount) };
    case "image":
      return { type: "bind", source: inside(mount.Source, mount.request?.ImageOptions?.Subpath), destination: mount.Destination, readOnly: true };
    default: {
      const path = await mountVolume(engine, row.id, mount);
      await fillIfDevice(engine, row, mount, path);
      return { type: "bind", source: inside(path, mount.request?.VolumeOptions?.Subpath), ...common };
    }
  }
}

/** It has the mode of the directory that it covers, which runc sees to and crun doesn't. */
function tmpfs({ store }: Pick<Engine, "store">, row: ContainerRow, destination: string, given: string): SpecMount {
  const options = given.split(",").filter((option) => option !== "");
  if (!options.some((option) => option.trim().startsWith("mode="))) {
    const covered = store.layers.directoryMode(row.directory, row.diffIds, destination) ?? 0o755;
    options.push(`mode=${covered.toString(8)}`);
  }
  return { type: "tmpfs", destination, options: options.join(",") };
}

/** Other volumes were filled when the container was made. */
async function fillIfDevice(engine: Pick<Engine, "store">, row: ContainerRow, mount: MountRow, path: string): Promise<void> {
  const volume = engine.store.view((tx) => tx.volumes.find(mount.Name ?? ""));
  if (volume === undefined || !needsMount(volume.options) || row.hasBeenStarted || mount.request?.VolumeOptions?.NoCopy === true) return;
  await fillVolume(engine, row, mount.Destination, path);
}

function bindSource(mount: MountRow): string {
  const isThere = statSync(mount.Source, { throwIfNoEntry: false }) !== undefined;
  if (isThere) return mount.Source;
  if (mount.request?.BindOptions?.CreateMountpoint !== true) throw invalid(`invalid mount config for type "bind": bind source path does not exist: ${mount.Source}`);
  try {
    mkdirSync(mount.Source, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw internal(`error while creating mount source path '${mount.Source}': mkdir ${mount.Source}: ${reasonOf(error)}`, {}, error);
  }
  return mount.Source;
}

function bindOptions(mount: MountRow): Partial<SpecMount> {
  const options = mount.request?.BindOptions;
  const recursive = options?.ReadOnlyForceRecursive === true ? "required" : options?.ReadOnlyNonRecursive === true ? "disabled" : "if-possible";
  return { propagation: mount.Propagation, nonRecursive: options?.NonRecursive === true, recursiveReadOnly: recursive };
}

/** Links below the volume must not lead out of it. */
function inside(root: string, subpath: string | undefined): string {
  if (subpath === undefined || subpath === "") return root;
  const path = join(root, subpath);
  const base = realpathSync(root);
  try {
    lstatSync(path);
    const real = realpathSync(path);
    if (real === base || real.startsWith(`${base}/`)) return real;
  } catch (error) {
    throw new EngineError("not_found", `cannot access path ${path}: lstat ${path}: ${reasonOf(error)}`, {}, error);
  }
  throw invalid(`path escapes from the volume: ${subpath}`);
}

function reasonOf(error: unknown): string {
  return systemErrorReason(error) ?? messageOf(error);
}
