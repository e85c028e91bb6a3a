// The lowest layer of every container: the files and directories that a runtime mounts over. So they need not be made in
// the read-write layer, where they would look like the container's changes.
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const DIRECTORIES = ["dev", "dev/pts", "dev/shm", "proc", "sys", "etc"];
const FILES = ["dev/console", "etc/hosts", "etc/hostname", "etc/resolv.conf", ".dockerenv"];

/** Its directory; made whole or not at all. */
export function ensureInitLayer(root: string): string {
  const path = join(root, "init");
  if (existsSync(join(path, "diff"))) return join(path, "diff");
  const making = join(root, "init-new");
  rmSync(making, { recursive: true, force: true });
  rmSync(path, { recursive: true, force: true });
  const diff = join(making, "diff");
  mkdirSync(diff, { recursive: true, mode: 0o755 });
  for (const directory of DIRECTORIES) mkdirSync(join(diff, directory), { mode: 0o755 });
  for (const file of FILES) writeFileSync(join(diff, file), "", { mode: 0o755 });
  symlinkSync("/proc/mounts", join(diff, "etc/mtab"));
  renameSync(making, path);
  return join(path, "diff");
}
