// /dev/shm of containers whose IPC namespace others may join: mounted on the host, so that it can be mounted into each.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { internal } from "../../base/errors.ts";
import { runTool } from "../../linux/run-tool.ts";
import type { ContainerRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { isMountPoint } from "../volume/mount.ts";

export function shmPath({ config }: Pick<Engine, "config">, containerId: string): string {
  return join(config.runRoot, "shm", containerId);
}

/** At start; does nothing for containers that keep theirs to themselves. */
export async function mountShm(engine: Pick<Engine, "config">, row: ContainerRow): Promise<void> {
  if (row.hostConfig.IpcMode !== "shareable") return;
  const path = shmPath(engine, row.id);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (isMountPoint(path)) return;
  const { exitCode, stderr } = await runTool(["mount", "-t", "tmpfs", "-o", `mode=1777,size=${row.hostConfig.ShmSize ?? 0},nosuid,nodev,noexec`, "--", "shm", path]);
  if (exitCode !== 0) throw internal(`mounting shm tmpfs: ${stderr.trim()}`);
}

/** At exit. Those who joined keep what they have mounted. */
export async function unmountShm(engine: Pick<Engine, "config">, row: Pick<ContainerRow, "id" | "hostConfig">): Promise<void> {
  if (row.hostConfig.IpcMode !== "shareable") return;
  const path = shmPath(engine, row.id);
  if (isMountPoint(path)) await runTool(["umount", "--lazy", "--", path]);
  if (!isMountPoint(path)) rmSync(path, { recursive: true, force: true });
}
