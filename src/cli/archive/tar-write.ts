// A local file or directory as a tar stream, its root under a name of one's choice.
import { lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";
import { readSource } from "../read-source.ts";
import { padding } from "../../wire/tar/tar-header.ts";
import { entryHeader, TAR_END } from "./tar-entry.ts";

export async function* writeTar(path: string, rootName: string): AsyncIterable<Uint8Array> {
  yield* writeEntry(path, rootName, new Map());
  yield TAR_END;
}

async function* writeEntry(path: string, name: string, links: Map<string, string>): AsyncIterable<Uint8Array> {
  const stats = lstatSync(path);
  if (stats.isSocket()) return; // has no place in an archive
  const key = `${stats.dev}:${stats.ino}`;
  const first = stats.nlink > 1 && stats.isFile() ? links.get(key) : undefined;
  if (first === undefined && stats.isFile()) links.set(key, name);
  yield headerOf(stats, name, first ?? (stats.isSymbolicLink() ? readlinkSync(path) : ""), first !== undefined);
  if (stats.isFile() && first === undefined) yield* paddedFile(path, stats.size);
  if (!stats.isDirectory()) return;
  for (const child of readdirSync(path).toSorted()) yield* writeEntry(join(path, child), `${name}/${child}`, links);
}

/** Exactly as many bytes as the header promised, whatever happens to the file meanwhile. */
async function* paddedFile(path: string, size: number): AsyncIterable<Uint8Array> {
  let remaining = size;
  for await (const piece of readSource(path)) {
    const part = piece.subarray(0, remaining);
    remaining -= part.length;
    if (part.length > 0) yield part;
    if (remaining === 0) break;
  }
  const filling = remaining + padding(size);
  if (filling > 0) yield new Uint8Array(filling);
}

function typeOf(stats: Stats, isHardLink: boolean): string {
  if (isHardLink) return "1";
  if (stats.isDirectory()) return "5";
  if (stats.isSymbolicLink()) return "2";
  if (stats.isFIFO()) return "6";
  if (stats.isCharacterDevice()) return "3";
  return stats.isBlockDevice() ? "4" : "0";
}

function headerOf(stats: Stats, name: string, linkName: string, isHardLink: boolean): Uint8Array {
  const { uid, gid } = stats;
  const fullName = stats.isDirectory() ? `${name}/` : name;
  const size = stats.isFile() && !isHardLink ? stats.size : 0;
  return entryHeader({ name: fullName, mode: stats.mode & 0o7777, uid, gid, size, mtime: Math.floor(stats.mtimeMs / 1000), type: typeOf(stats, isHardLink), linkName });
}
