// What a new container gets from its image besides the layers: the content of volumes, and the working directory.
import { EngineError, internal, invalid, messageOf } from "../../base/errors.ts";
import type { ContainerRow } from "../../store/store.ts";
import type { ContainerConfig } from "../../wire/docker.ts";
import type { Engine } from "../engine.ts";
import { needsMount } from "../volume/options.ts";
import type { PlannedMount } from "./create-mounts.ts";

type Parts = Pick<Engine, "store">;

export function needsFilling(config: ContainerConfig, planned: readonly PlannedMount[]): boolean {
  return planned.some((mount) => mount.copyUp) || !["", "/"].includes(config.WorkingDir ?? "");
}

/** Volumes with a device of their own are filled at the start, once they are mounted. */
export async function fillNewContainer(engine: Parts, row: ContainerRow, planned: readonly PlannedMount[]): Promise<void> {
  for (const { destination, copyUp } of planned) {
    if (!copyUp) continue;
    const mount = row.mounts.find((candidate) => candidate.Destination === destination);
    const volume = engine.store.view((tx) => tx.volumes.find(mount?.Name ?? ""));
    if (mount === undefined || volume === undefined || needsMount(volume.options)) continue;
    await fillVolume(engine, row, destination, engine.store.volumePath(volume.name));
  }
  await makeWorkingDirectory(engine, row);
}

export async function fillVolume(engine: Parts, row: ContainerRow, destination: string, directory: string): Promise<void> {
  await engine.store.layers.copyUp({ directory: row.directory, diffIds: row.diffIds }, destination, directory);
}

/** Not below a mount: there it is made, or not, by what is mounted. */
export async function makeWorkingDirectory(engine: Parts, row: ContainerRow): Promise<void> {
  const path = row.config.WorkingDir ?? "";
  if (path === "" || path === "/") return;
  if (row.mounts.some((mount) => path === mount.Destination || path.startsWith(`${mount.Destination}/`))) return;
  try {
    await engine.store.layers.makeDirectory({ directory: row.directory, diffIds: row.diffIds }, path);
  } catch (error) {
    const isFile = error instanceof EngineError && ["ENOTDIR", "EEXIST"].includes(String(error.detail["code"]));
    throw isFile ? invalid(`Cannot mkdir: ${path} is not a directory`, {}, error) : internal(messageOf(error), {}, error);
  }
}
