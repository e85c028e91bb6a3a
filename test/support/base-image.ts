// A root file system of the host's static busybox, as a tar to import: there is no public registry to pull one from.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const BUSYBOX = "/bin/busybox";
/** What the layer weighs, whatever busybox this machine has. */
export const BASE_IMAGE_BYTES = 4_000_000;

/** Writes the tar; the files' bytes and links' lengths add up to BASE_IMAGE_BYTES. */
export function writeBaseImage(directory: string, tarPath: string): void {
  const root = join(directory, "rootfs");
  for (const name of ["bin", "dev", "etc", "home/user", "proc", "root", "srv", "sys", "tmp", "usr/lib", "var"]) mkdirSync(join(root, name), { recursive: true });
  cpSync(BUSYBOX, join(root, "bin/busybox"));
  for (const applet of execFileSync(BUSYBOX, ["--list"], { encoding: "utf8" }).trim().split("\n")) {
    if (!existsSync(join(root, "bin", applet))) symlinkSync("busybox", join(root, "bin", applet));
  }
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n");
  writeFileSync(join(root, "etc/group"), "root:x:0:\nuser:x:1000:\nextra:x:2000:user\n");
  const padding = join(root, "usr/lib/padding");
  writeFileSync(padding, "");
  truncateSync(padding, BASE_IMAGE_BYTES - weight(root));
  execFileSync("tar", ["-C", root, "--numeric-owner", "--owner=0", "--group=0", "--mtime=@1700000000", "--sort=name", "-cf", tarPath, "."]);
}

function weight(directory: string): number {
  let bytes = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    bytes += entry.isDirectory() ? weight(path) : lstatSync(path).size;
  }
  return bytes;
}
