// Overlay mounts of containers, and the directories they are made of.
import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { internal, messageOf } from "../../base/errors.ts";
import { type FileCalls, MNT_DETACH } from "../../linux/file-calls.ts";
import type { OverlayMount } from "../layers.ts";

/** Mounts it at `target`; lower directories are given relative to `layersDirectory`, for the kernel's one page of options. */
export function mountOverlay(calls: FileCalls, overlay: OverlayMount, layersDirectory: string, target: string): void {
  const relative = (path: string): string => (path.startsWith(`${layersDirectory}/`) ? path.slice(layersDirectory.length + 1) : path);
  const options = [`lowerdir=${overlay.lower.map(relative).join(":")}`];
  if (overlay.upper !== undefined && overlay.work !== undefined) options.push(`upperdir=${overlay.upper}`, `workdir=${overlay.work}`);
  mkdirSync(target, { recursive: true, mode: 0o700 });
  const home = process.cwd();
  process.chdir(layersDirectory);
  try {
    calls.mount("overlay", target, "overlay", 0n, options.join(","));
  } catch (error) {
    rmdirSync(target);
    throw internal(`cannot mount the container's layers: ${messageOf(error)}`, {}, error);
  } finally {
    process.chdir(home);
  }
}

export function unmountOverlay(calls: FileCalls, target: string): void {
  calls.unmount(target, MNT_DETACH);
  rmdirSync(target);
}

/** Roots of containers that don't run, mounted while somebody works in them: several share one mount. */
export class MountedRoots {
  private readonly mounted = new Map<string, { path: string; users: number }>();
  private count = 0;

  constructor(
    private readonly calls: FileCalls,
    private readonly layersDirectory: string,
    private readonly directory: string,
  ) {}

  async use<T>(key: string, overlay: () => OverlayMount, work: (root: string) => Promise<T>): Promise<T> {
    let root = this.mounted.get(key);
    if (root === undefined) {
      root = { path: join(this.directory, `${process.pid}-${++this.count}`), users: 0 };
      mountOverlay(this.calls, overlay(), this.layersDirectory, root.path);
      this.mounted.set(key, root);
    }
    root.users++;
    try {
      return await work(root.path);
    } finally {
      if (--root.users === 0) {
        this.mounted.delete(key);
        unmountOverlay(this.calls, root.path);
      }
    }
  }
}
