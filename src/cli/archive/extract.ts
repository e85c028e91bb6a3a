// Entries of a tar into a local directory. Nothing is written outside it, whatever the archive says.
import { chmodSync, closeSync, ftruncateSync, lchownSync, linkSync, lstatSync, mkdirSync, openSync, rmSync, symlinkSync, utimesSync, writeSync } from "node:fs";
import { dirname, join, normalize, relative, sep } from "node:path";
import { failure } from "../failure.ts";
import type { TarEntry } from "./tar-read.ts";

export interface ExtractOptions {
  /** Maps the root's name; undefined leaves names alone. */
  readonly rename?: { readonly from: string; readonly to: string };
  readonly keepOwners: boolean;
}

export async function extractTar(entries: AsyncIterable<TarEntry>, directory: string, { rename, keepOwners }: ExtractOptions): Promise<void> {
  const directories: { path: string; entry: TarEntry }[] = [];
  for await (const entry of entries) {
    const name = rename ? renamed(entry.name, rename) : entry.name;
    const path = insidePath(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    await extractEntry(entry, path, directory, rename);
    if (keepOwners && process.getuid?.() === 0 && entry.kind !== "other") lchownSync(path, entry.uid, entry.gid);
    if (entry.kind === "directory") directories.push({ path, entry });
  }
  // last: writing into a directory changes its time
  for (const { path, entry } of directories.toReversed()) utimesSync(path, entry.mtimeSeconds, entry.mtimeSeconds);
}

function renamed(name: string, { from, to }: { from: string; to: string }): string {
  if (name === from || name === `${from}/`) return to;
  return name.startsWith(`${from}/`) ? to + name.slice(from.length) : name;
}

function insidePath(directory: string, name: string): string {
  const path = join(directory, normalize(`/${name}`));
  const inside = relative(directory, path);
  if (inside.startsWith(`..${sep}`) || inside === "..") throw failure(`archive entry ${JSON.stringify(name)} points outside of the destination`);
  let parent = directory;
  for (const part of dirname(inside).split(sep)) {
    parent = join(parent, part);
    if (isSymlink(parent) && parent !== directory) throw failure(`archive entry ${JSON.stringify(name)} goes through a symbolic link`);
  }
  return path;
}

function isSymlink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

async function extractEntry(entry: TarEntry, path: string, directory: string, rename: ExtractOptions["rename"]): Promise<void> {
  const existing = lstatSync(path, { throwIfNoEntry: false });
  if (entry.kind === "directory") {
    if (existing && !existing.isDirectory()) throw failure(`cannot overwrite non-directory ${JSON.stringify(path)} with directory ${JSON.stringify(directory)}`);
    if (!existing) mkdirSync(path);
    chmodSync(path, entry.mode & 0o7777);
    return;
  }
  if (existing?.isDirectory()) throw failure(`cannot overwrite directory ${JSON.stringify(path)} with non-directory ${JSON.stringify(directory)}`);
  if (existing) rmSync(path, { force: true });
  if (entry.kind === "symlink") symlinkSync(entry.linkName, path);
  else if (entry.kind === "hardlink") linkSync(insidePath(directory, rename ? renamed(entry.linkName, rename) : entry.linkName), path);
  else if (entry.kind === "file") await writeFile(entry, path);
}

async function writeFile(entry: TarEntry, path: string): Promise<void> {
  const fd = openSync(path, "wx", entry.mode & 0o7777);
  try {
    ftruncateSync(fd, entry.sizeBytes);
    const places = entry.extents.map(({ offset, length }) => ({ offset, length }));
    for await (const piece of entry.body()) {
      for (let rest = piece; rest.length > 0; ) {
        const place = places[0];
        if (place === undefined) throw failure(`archive entry ${JSON.stringify(entry.name)} is longer than it says`);
        const written = writeSync(fd, rest.subarray(0, place.length), 0, Math.min(rest.length, place.length), place.offset);
        rest = rest.subarray(written);
        place.offset += written;
        place.length -= written;
        if (place.length === 0) places.shift();
      }
    }
  } finally {
    closeSync(fd);
  }
  chmodSync(path, entry.mode & 0o7777);
  utimesSync(path, entry.mtimeSeconds, entry.mtimeSeconds);
}
