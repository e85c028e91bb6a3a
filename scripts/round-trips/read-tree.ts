// A file tree as lines of text, one per file: everything that a layer's tar can say of it. For comparing.
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deviceMajorMinor, openFileCalls } from "../../src/linux/file-calls.ts";

const calls = openFileCalls();

/** Of an image whose unpacked layers lie in these directories, top to bottom, as a container would see it. */
export function readImageTree(layers: readonly string[]): string[] {
  if (layers.length === 0) return [];
  const directory = mkdtempSync(join(tmpdir(), "berth-tree-"));
  const root = join(directory, "root");
  try {
    // short names: mount options are one page; an empty directory below: overlay wants two
    for (const path of ["root", "empty"]) mkdirSync(join(directory, path));
    for (const [index, layer] of layers.entries()) symlinkSync(layer, join(directory, String(index)));
    const mounted = spawnSync("mount", ["-t", "overlay", "overlay", "-o", `ro,lowerdir=${[...layers.keys(), "empty"].join(":")}`, "root"], { cwd: directory, encoding: "utf8" });
    if (mounted.status !== 0) throw new Error(`overlay of ${layers.length} layers: ${mounted.stderr}`);
    try {
      return readTree(root);
    } finally {
      spawnSync("umount", [root]);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export function readTree(root: string): string[] {
  const lines: string[] = [];
  const links = new Map<bigint, string>();
  const walk = (path: string): void => {
    const stat = lstatSync(bytes(root, path), { bigint: true });
    const about = [(stat.mode & 0o7777n).toString(8), `${stat.uid}:${stat.gid}`];
    // the root's own time is that of the engine
    if (path !== "") about.push(`${stat.mtimeNs}`);
    if (stat.isFile()) about.push(`file ${stat.size} ${createHash("sha1").update(readFileSync(bytes(root, path))).digest("base64url")}`);
    else if (stat.isSymbolicLink()) about.push(`-> ${JSON.stringify(readlinkSync(bytes(root, path), { encoding: "latin1" as BufferEncoding }))}`);
    else if (stat.isDirectory()) about.push("directory");
    else if (stat.isFIFO()) about.push("fifo");
    else about.push(`${stat.isBlockDevice() ? "block" : "character"} ${deviceMajorMinor(stat.rdev).join(",")}`);
    if (!stat.isDirectory()) {
      const first = links.get(stat.ino);
      if (first === undefined) links.set(stat.ino, path);
      else about.push(`= ${JSON.stringify(first)}`);
    }
    about.push(...attributesOf(root, path));
    lines.push(`${JSON.stringify(path)} ${about.join(" ")}`);
    if (stat.isDirectory()) for (const name of readdirSync(bytes(root, path), { encoding: "buffer" }).map((each) => each.toString("latin1")).toSorted()) walk(`${path}/${name}`);
  };
  walk("");
  return lines;
}

function attributesOf(root: string, path: string): string[] {
  const at = bytes(root, path, "\0");
  const names = calls.listXattrs(at).filter((name) => !name.startsWith("trusted.overlay."));
  return names.toSorted().map((name) => `${name}=${Buffer.from(calls.getXattr(at, name) ?? []).toString("hex")}`);
}

/** The first few lines that only one side has. Empty: the same. The root is compared if both have it. */
export function compareTrees(one: readonly string[], other: readonly string[]): string[] {
  const roots = [one, other].every(([first]) => first?.startsWith('"" '));
  const [a, b] = [one, other].map((lines) => new Set(lines.filter((line) => roots || !line.startsWith('"" ')))) as [Set<string>, Set<string>];
  return [...[...a].filter((line) => !b.has(line)).map((line) => `- ${line}`), ...[...b].filter((line) => !a.has(line)).map((line) => `+ ${line}`)].slice(0, 6);
}

function bytes(root: string, path: string, end = ""): Buffer {
  return Buffer.from(`${root}${path}${end}`, "latin1");
}
