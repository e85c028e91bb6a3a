// A layer's tar → an overlay directory and the recipe with which that tar is written again.
import { ftruncateSync, type Stats, writeSync } from "node:fs";
import { AT_FDCWD, type FileCalls } from "../../linux/file-calls.ts";
import type { Entry, TarSink } from "../../wire/tar/tar-reader.ts";
import { callPath, components } from "./byte-path.ts";
import type { RecipeWriter } from "./recipe.ts";
import { Tree } from "./tree.ts";
import { writeAll } from "./write-all.ts";

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";
/** aufs's own bookkeeping, which nobody wants unpacked. */
const AUFS = ".wh..wh.";
const S_IFCHR = 0o020000;
const S_IFBLK = 0o060000;
const S_IFIFO = 0o010000;

export interface UnpackOptions {
  /** Layers: whiteouts become overlay's. Archives put into a container: names are names. */
  whiteouts: boolean;
  /** Directory for files that a later entry replaces, since the recipe needs them. */
  extraFd?: number;
  /** Names in the archive are below this directory. */
  base: string;
  /** An existing directory is not replaced by something else: error instead. */
  keepDirectories?: boolean;
}

interface Open {
  entry: Entry;
  path: string;
  fd: number;
  extent: number;
  /** Bytes written of the current extent. */
  written: number;
}

export class Unpacker implements TarSink {
  private readonly tree: Tree;
  private open: Open | undefined;
  private readonly directoryTimes = new Map<string, Entry>();
  private readonly sizes = new Map<string, number>();
  /** How often a path has been replaced: the recipe tells its former contents by this. */
  private readonly versions = new Map<string, number>();
  /** Recipe key of a replaced file → its name in the extra directory. */
  readonly overrides = new Map<string, string>();
  sizeBytes = 0;
  entries = 0;

  constructor(
    calls: FileCalls,
    private readonly recipe: RecipeWriter | undefined,
    private readonly options: UnpackOptions,
  ) {
    this.tree = new Tree(calls, (path, stat) => this.replaced(path, stat));
  }

  raw(bytes: Uint8Array): void {
    this.recipe?.addRaw(bytes);
  }

  entry(entry: Entry): void {
    this.entries++;
    const parts = components(entry.name);
    const name = parts.at(-1);
    if (name === undefined) return this.root(entry);
    if (this.options.whiteouts && name.startsWith(WHITEOUT)) return this.whiteout(entry, parts, name);
    const path = this.tree.place(this.options.base + parts.map((part) => `/${part}`).join(""));
    this.makeRoom(entry, path);
    this.make(entry, path);
  }

  payload(bytes: Uint8Array): void {
    const open = this.open;
    if (open === undefined) {
      // contents of something that is not kept (a whiteout with a body): the recipe has them
      this.recipe?.addRaw(bytes);
      return;
    }
    let rest = bytes;
    while (rest.length > 0) {
      const extent = open.entry.extents[open.extent];
      if (extent === undefined) throw new Error("more contents than the entry has");
      const take = Math.min(rest.length, extent.length - open.written);
      if (take > 0) writeAt(open.fd, rest.subarray(0, take), extent.offset + open.written);
      open.written += take;
      rest = rest.subarray(take);
      if (open.written === extent.length) {
        open.extent++;
        open.written = 0;
      }
    }
  }

  entryEnd(): void {
    const open = this.open;
    if (open === undefined) return;
    this.open = undefined;
    const { entry, path, fd } = open;
    for (const { offset, length } of entry.extents) if (length > 0) this.recipe?.addFile(this.key(path), offset, length);
    const last = entry.extents.at(-1);
    if (last === undefined || last.offset + last.length < entry.size || last.length === 0) extend(fd, entry.size);
    this.tree.finishFile(fd, entry.mode, entry.uid, entry.gid);
    this.setAttributes(entry, path);
    this.setTimes(path, entry);
  }

  /** Call when the archive is whole: directories get their times, since filling them changed these. */
  finish(): void {
    for (const [path, entry] of this.directoryTimes) {
      if (this.tree.stat(path)?.isDirectory()) this.setTimes(path, entry);
    }
  }

  private root(entry: Entry): void {
    if (entry.type !== "5" || this.options.base !== "") return;
    this.tree.setOwner("", entry.uid, entry.gid);
    this.tree.setMode("", entry.mode);
    this.setAttributes(entry, "");
    this.directoryTimes.set("", entry);
  }

  private whiteout(entry: Entry, parts: readonly string[], name: string): void {
    const parent = this.tree.place(parts.join("/")).slice(0, -(name.length + 1));
    if (name === OPAQUE) {
      this.tree.calls.setXattr(callPath(parent === "" ? "/" : parent), "trusted.overlay.opaque", Buffer.from("y"));
      return;
    }
    if (name.startsWith(AUFS)) return;
    const hidden = name.slice(WHITEOUT.length);
    if (hidden === "" || hidden === "." || hidden === "..") throw new Error(`invalid whiteout ${parts.join("/")}`);
    const path = `${parent}/${hidden}`;
    // a whiteout hides what is below; what this very layer brings stays
    if (this.tree.stat(path) !== undefined) return;
    this.tree.calls.mknod(callPath(path), S_IFCHR, 0, 0);
    this.setTimes(path, entry);
  }

  /** A later entry replaces an earlier one; a directory stays a directory. */
  private makeRoom(entry: Entry, path: string): void {
    const stat = this.tree.stat(path);
    if (stat === undefined || (stat.isDirectory() && entry.type === "5")) return;
    if (entry.type === "1" && this.tree.find(this.linked(entry)) === path) return;
    if (this.options.keepDirectories === true && stat.isDirectory() !== (entry.type === "5")) {
      const [old, now] = stat.isDirectory() ? ["directory", "non-directory"] : ["non-directory", "directory"];
      throw Object.assign(new Error(`cannot overwrite ${old} "${components(entry.name).join("/")}" with ${now} "${this.options.base}"`), { code: "EBADTAR" });
    }
    this.tree.remove(path, stat);
  }

  private linked(entry: Entry): string {
    return this.options.base + components(entry.linkName).map((part) => `/${part}`).join("");
  }

  private key(path: string): string {
    const version = this.versions.get(path) ?? 0;
    return version === 0 ? path : `${path}\0${version}`;
  }

  private replaced(path: string, stat: Stats): boolean {
    this.sizeBytes -= this.sizes.get(path) ?? 0;
    this.sizes.delete(path);
    if (this.recipe === undefined || this.options.extraFd === undefined || !stat.isFile() || stat.size === 0) return false;
    const extra = String(this.overrides.size);
    this.tree.calls.rename(AT_FDCWD, callPath(path), this.options.extraFd, callPath(extra));
    this.overrides.set(this.key(path), extra);
    this.versions.set(path, (this.versions.get(path) ?? 0) + 1);
    return true;
  }

  private make(entry: Entry, path: string): void {
    switch (entry.type) {
      case "0":
        this.count(path, entry);
        this.open = { entry, path, fd: this.tree.createFile(path, entry.mode), extent: 0, written: 0 };
        return;
      case "1":
        return this.hardLink(entry, path);
      case "2":
        this.tree.symlink(entry.linkName, path);
        // Docker's sizes count links by the length of what they say
        this.sizes.set(path, entry.linkName.length);
        this.sizeBytes += entry.linkName.length;
        break;
      case "3":
      case "4":
        this.tree.calls.mknod(callPath(path), (entry.type === "3" ? S_IFCHR : S_IFBLK) | entry.mode, entry.devMajor, entry.devMinor);
        this.tree.setMode(path, entry.mode);
        break;
      case "5":
        if (this.tree.stat(path) === undefined) this.tree.makeDirectory(path, entry.mode);
        this.directoryTimes.set(path, entry);
        break;
      case "6":
        this.tree.calls.mknod(callPath(path), S_IFIFO | entry.mode, 0, 0);
        break;
      default:
        // vendor types are passed over, as others do; the recipe keeps them
        return;
    }
    if (entry.uid !== 0 || entry.gid !== 0 || entry.type === "5") this.tree.setOwner(path, entry.uid, entry.gid);
    if (entry.type === "5" || entry.type === "6") this.tree.setMode(path, entry.mode);
    this.setAttributes(entry, path);
    if (entry.type !== "5") this.setTimes(path, entry);
  }

  private hardLink(entry: Entry, path: string): void {
    const target = this.tree.find(this.linked(entry));
    if (target === path) return;
    if (target === undefined || this.tree.stat(target) === undefined) {
      throw Object.assign(new Error(`link /${components(entry.linkName).join("/")} ${path}: no such file or directory`), { code: "EBADTAR" });
    }
    this.tree.link(target, path);
  }

  private count(path: string, entry: Entry): void {
    this.sizes.set(path, entry.size);
    this.sizeBytes += entry.size;
  }

  /** As other engines have it: nothing is older than 1970. */
  private setTimes(path: string, { mtimeSeconds, mtimeNanoseconds }: Entry): void {
    const isOlder = mtimeSeconds < 0n;
    this.tree.calls.setTimes(callPath(path === "" ? "/" : path), isOlder ? 0n : mtimeSeconds, isOlder ? 0 : mtimeNanoseconds);
  }

  private setAttributes(entry: Entry, path: string): void {
    for (const [name, value] of entry.xattrs) {
      // overlay's own attributes from outside would hide or redirect what is below
      if (name.startsWith("trusted.overlay.") || name.startsWith("user.overlay.")) continue;
      try {
        this.tree.calls.setXattr(callPath(path === "" ? "/" : path), name, value);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // a file system or security module that has no such attributes; user.* on links and devices
        if (code !== "EOPNOTSUPP" && !(code === "EPERM" && name.startsWith("user."))) throw error;
      }
    }
  }
}

function writeAt(fd: number, bytes: Uint8Array, position: number): void {
  let at = position;
  writeAll(fd, bytes, (file, from, offset, length) => {
    const wrote = writeSync(file, from, offset, length, at);
    at += wrote;
    return wrote;
  });
}

function extend(fd: number, size: number): void {
  if (size > 0) ftruncateSync(fd, size);
}