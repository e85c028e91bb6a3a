// Jobs on a container's root (the worker has chrooted into it): stat, archives out and in, directories.
import { readlinkSync, type BigIntStats } from "node:fs";
import type { FileCalls } from "../../linux/file-calls.ts";
import type { ArchiveStat } from "../layers.ts";
import { components, fsPath } from "./byte-path.ts";
import { failJob } from "./job-error.ts";
import { realPath } from "./real-path.ts";
import { KEPT_XATTRS, statOf, TreeTar } from "./tree-tar.ts";

/** Docker's wording for a path that isn't there. */
function missing(path: string): never {
  return failJob("not_found", `Could not find the file ${path} in container`, "ENOENT");
}

/** The path with its parents' links followed, and itself too where it ends in `/` or `/.`. */
export function resolvePath(path: string): { path: string; name: string } {
  const parts = components(path);
  const follow = path.endsWith("/") || path.endsWith("/.");
  const name = parts.at(-1) ?? "/";
  if (parts.length === 0) return { path: "/", name: "/" };
  try {
    if (follow) return { path: realPath(`/${parts.join("/")}`), name };
    const parent = realPath(`/${parts.slice(0, -1).join("/")}`);
    return { path: parent === "/" ? `/${name}` : `${parent}/${name}`, name };
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) missing(path);
    throw error;
  }
}

export function statPath(path: string): ArchiveStat {
  const at = resolvePath(path);
  const stat = statOf(at.path) ?? missing(path);
  if (/\/\.?$/.test(path) && path !== "/" && !stat.isDirectory()) failJob("invalid", `lstat ${path}: not a directory`, "ENOTDIR");
  return {
    name: text(at.name),
    size: Number(stat.size),
    mode: goMode(stat),
    mtime: goTime(stat.mtimeNs),
    linkTarget: stat.isSymbolicLink() ? linkTarget(at.path) : "",
  };
}

export function archiveOut(calls: FileCalls, path: string, givenName: string | undefined, emit: (bytes: Uint8Array) => void): void {
  const at = resolvePath(path);
  if (statOf(at.path) === undefined) missing(path);
  const tar = new TreeTar(calls, { whiteouts: false, xattrs: KEPT_XATTRS }, emit);
  // `dir/.` is the directory's contents, named `./…`
  const name = path.endsWith("/.") ? "." : (givenName ?? at.name);
  tar.add(at.path, name);
  tar.end();
}

/** Where an archive may be unpacked: an existing directory, links followed. */
export function unpackTarget(path: string): string {
  let target: string;
  try {
    target = realPath(`/${components(path).join("/")}`);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return missing(path);
    throw error;
  }
  if (statOf(target)?.isDirectory() !== true) failJob("invalid", "extraction point is not a directory", "ENOTDIR");
  return target === "/" ? "" : target;
}

function linkTarget(path: string): string {
  const target = readlinkSync(fsPath(path), { encoding: "latin1" as BufferEncoding });
  const parts = target.startsWith("/") ? components(target) : components(`${path.slice(0, path.lastIndexOf("/"))}/${target}`);
  return text(`/${parts.join("/")}`);
}

function text(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

const GO_DIRECTORY = 0x8000_0000;
const GO_SYMLINK = 0x0800_0000;
const GO_DEVICE = 0x0400_0000;
const GO_PIPE = 0x0200_0000;
const GO_SOCKET = 0x0100_0000;
const GO_SETUID = 0x0080_0000;
const GO_SETGID = 0x0040_0000;
const GO_CHARACTER = 0x0020_0000;
const GO_STICKY = 0x0010_0000;

/** Go's os.FileMode. */
function goMode(stat: BigIntStats): number {
  const mode = Number(stat.mode);
  let bits = mode & 0o777;
  if (stat.isDirectory()) bits += GO_DIRECTORY;
  if (stat.isSymbolicLink()) bits += GO_SYMLINK;
  if (stat.isBlockDevice() || stat.isCharacterDevice()) bits += GO_DEVICE;
  if (stat.isCharacterDevice()) bits += GO_CHARACTER;
  if (stat.isFIFO()) bits += GO_PIPE;
  if (stat.isSocket()) bits += GO_SOCKET;
  if ((mode & 0o4000) !== 0) bits += GO_SETUID;
  if ((mode & 0o2000) !== 0) bits += GO_SETGID;
  if ((mode & 0o1000) !== 0) bits += GO_STICKY;
  return bits;
}

function goTime(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = (ns % 1_000_000_000n).toString().padStart(9, "0").replace(/0+$/, "");
  return fraction === "" ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}
