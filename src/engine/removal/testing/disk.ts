// What the files of a data root take, looked at by the test itself: as `du` counts, per directory of the store.
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

const DIRECTORIES = ["layers", "rw", "containers", "blobs/sha256", "trash"] as const;

export type DiskNames = Record<(typeof DIRECTORIES)[number], string[]>;

/** Blocks of all objects in bytes; the directories that hold them grow and never shrink, and are not counted. */
export function diskBytes(dataRoot: string): number {
  return DIRECTORIES.flatMap((directory) => readdirSync(join(dataRoot, directory)).map((name) => treeBytes(join(dataRoot, directory, name)))).reduce((sum, bytes) => sum + bytes, 0);
}

export function namesOnDisk(dataRoot: string): DiskNames {
  return Object.fromEntries(DIRECTORIES.map((directory) => [directory, readdirSync(join(dataRoot, directory)).toSorted()])) as DiskNames;
}

export function treeBytes(path: string): number {
  const stat = lstatSync(path);
  const own = stat.blocks * 512;
  return stat.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + treeBytes(join(path, name)), own) : own;
}
