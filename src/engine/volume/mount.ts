// Volumes in use: the directory to bind into a container, mounted first where the volume's options say so.
import { notImplemented } from "../../base/errors.ts";
import type { MountPoint } from "../../wire/docker.ts";
import type { Engine } from "../engine.ts";

export type VolumeMountParts = Pick<Engine, "store" | "events" | "clock" | "log">;

/** At container start, per mount of type volume: returns the directory (subpath not applied) and emits `mount`. */
export async function mountVolume(_engine: VolumeMountParts, _containerId: string, _mount: MountPoint): Promise<string> {
  throw notImplemented("volumes are not implemented yet");
}

/** At container exit, per mount of type volume; idempotent; emits `unmount`. The container's row must not say running any more. */
export async function unmountVolume(_engine: VolumeMountParts, _containerId: string, _mount: MountPoint): Promise<void> {
  throw notImplemented("volumes are not implemented yet");
}
