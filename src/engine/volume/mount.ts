// Volumes in use: the directory to bind into a container, mounted first where the volume's options say so. What is
// mounted is read from the kernel, who uses it from the records: nothing is counted.
import { mkdirSync, readFileSync } from "node:fs";
import { internal } from "../../base/errors.ts";
import { runTool } from "../../linux/run-tool.ts";
import type { VolumeRow } from "../../store/store.ts";
import type { MountPoint } from "../../wire/docker.ts";
import type { Engine } from "../engine.ts";
import { describeMount, mountCommand, mountReason, needsMount } from "./options.ts";
import { resolveVolume } from "./resolve.ts";

export type VolumeMountParts = Pick<Engine, "store" | "events" | "clock" | "log">;

/** At container start, per mount of type volume: returns the directory (subpath not applied) and emits `mount`. */
export async function mountVolume(engine: VolumeMountParts, containerId: string, mount: MountPoint): Promise<string> {
  const row = engine.store.view((tx) => resolveVolume(tx, mount.Name ?? ""));
  const path = engine.store.volumePath(row.name);
  if (needsMount(row.options)) await ensureMounted(row, path);
  engine.store.update((tx) => {
    const now = tx.volumes.find(row.name);
    if (now !== undefined) tx.volumes.put(inUse(now, mount.RW, engine.clock.nowMs()));
    engine.events.add(tx, {
      type: "volume",
      action: "mount",
      actorId: row.name,
      attributes: { container: containerId, destination: mount.Destination, driver: row.driver, propagation: mount.Propagation, "read/write": String(mount.RW) },
    });
  });
  return path;
}

/** At container exit, per mount of type volume; idempotent; emits `unmount`. The container's row must not say running any more. */
export async function unmountVolume(engine: VolumeMountParts, containerId: string, mount: MountPoint): Promise<void> {
  const name = mount.Name ?? "";
  const row = engine.store.view((tx) => tx.volumes.find(name));
  if (row === undefined) return;
  if (needsMount(row.options) && !isUsed(engine, name, containerId)) await ensureUnmounted(engine, engine.store.volumePath(name));
  engine.events.emit({ type: "volume", action: "unmount", actorId: name, attributes: { container: containerId, driver: row.driver } });
}

/** Whether a container other than this runs with the volume. */
export function isUsed(engine: Pick<Engine, "store">, name: string, exceptContainerId?: string): boolean {
  return engine.store.view((tx) => tx.containers.by("volume", name).some((container) => container.id !== exceptContainerId && container.state.Running));
}

export async function ensureUnmounted(engine: Pick<Engine, "log">, path: string): Promise<void> {
  if (!isMountPoint(path)) return;
  const { exitCode, stderr } = await runTool(["umount", "--", path]);
  if (exitCode !== 0 && isMountPoint(path)) {
    engine.log.warn("volume is busy and is unmounted once it is not", { path, error: stderr.trim() });
    await runTool(["umount", "--lazy", "--", path]);
  }
}

async function ensureMounted(row: VolumeRow, path: string): Promise<void> {
  mkdirSync(path, { recursive: true, mode: 0o755 });
  if (isMountPoint(path)) return;
  const fail = (reason: string): never => {
    throw internal(`error while mounting volume '${path}': ${reason}`, { volume: row.name });
  };
  if ((row.options["device"] ?? "") === "") fail("missing device in volume options");
  const { exitCode, stderr } = await runTool(mountCommand(row.options, path));
  if (exitCode !== 0) fail(`failed to mount local volume: ${describeMount(row.options, path)}: ${mountReason(stderr)}`);
}

/** Its size may change from now on. */
function inUse(row: VolumeRow, isWritable: boolean, nowMs: number): VolumeRow {
  const { sizeBytes, diskBytes: _disk, ...rest } = row;
  return isWritable || sizeBytes === undefined ? { ...rest, lastUsedMs: nowMs } : { ...row, lastUsedMs: nowMs };
}

export function isMountPoint(path: string): boolean {
  const escaped = path.replace(/[ \t\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`);
  return readFileSync("/proc/self/mountinfo", "utf8").includes(` ${escaped} `);
}
