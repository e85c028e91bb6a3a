// A directory tree → a tar: for commits, exports and copies out of containers. Deterministic: names sorted, whole seconds.
import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, type BigIntStats } from "node:fs";
import { deviceMajorMinor, type FileCalls } from "../../linux/file-calls.ts";
import { padding, writeTarEntry } from "../../wire/tar/tar-header.ts";
import { callPath, fsPath } from "./byte-path.ts";
import { copyRange } from "./pack-layer.ts";

export interface TreeTarOptions {
  /** Overlay's whiteouts and opaque directories are written as `.wh.` names. */
  whiteouts: boolean;
  /** Attributes to keep, by name's beginning. */
  xattrs: readonly string[];
}

const CHUNK = 1 << 18;
const OPAQUE = "trusted.overlay.opaque";

export class TreeTar {
  private readonly links = new Map<string, string>();
  private readonly buffer = Buffer.alloc(CHUNK);

  constructor(
    private readonly calls: FileCalls,
    private readonly options: TreeTarOptions,
    private readonly emit: (bytes: Uint8Array) => void,
  ) {}

  /** `path` and all below it; entries are named `name`, `name/…`. `name` "" leaves the top itself out. */
  add(path: string, name: string): void {
    const stat = statOf(path);
    if (stat === undefined) return;
    if (name !== "") this.entry(path, name, stat);
    if (!stat.isDirectory()) return;
    if (this.options.whiteouts && this.isOpaque(path)) this.write({ name: name === "" ? ".wh..wh..opq" : `${name}/.wh..wh..opq`, type: "0", mode: 0, uid: 0, gid: 0, size: 0, mtime: 0 });
    for (const child of readNames(path)) this.add(path === "/" ? `/${child}` : `${path}/${child}`, name === "" ? child : `${name}/${child}`);
  }

  end(): void {
    this.emit(Buffer.alloc(1024));
  }

  private entry(path: string, name: string, stat: BigIntStats): void {
    const base = {
      name,
      mode: Number(stat.mode & 0o7777n),
      uid: Number(stat.uid),
      gid: Number(stat.gid),
      size: 0,
      mtime: Math.max(0, Math.floor(Number(stat.mtimeMs) / 1000)),
      pax: this.attributes(path, stat),
    };
    const linkKey = `${stat.dev}:${stat.ino}`;
    if (stat.isFile()) {
      const first = stat.nlink > 1n ? this.links.get(linkKey) : undefined;
      if (first !== undefined) return this.write({ ...base, type: "1", linkName: first, pax: new Map() });
      if (stat.nlink > 1n) this.links.set(linkKey, name);
      return this.file(path, { ...base, type: "0", size: Number(stat.size) });
    }
    if (stat.isDirectory()) return this.write({ ...base, name: `${name}/`, type: "5" });
    if (stat.isSymbolicLink()) return this.write({ ...base, type: "2", linkName: readlinkSync(fsPath(path), { encoding: "latin1" as BufferEncoding }) });
    if (stat.isFIFO()) return this.write({ ...base, type: "6" });
    if (stat.isCharacterDevice() || stat.isBlockDevice()) {
      const [devMajor, devMinor] = deviceMajorMinor(stat.rdev);
      if (this.options.whiteouts && stat.isCharacterDevice() && stat.rdev === 0n) {
        const slash = name.lastIndexOf("/");
        return this.write({ ...base, name: `${name.slice(0, slash + 1)}.wh.${name.slice(slash + 1)}`, mode: 0, type: "0", pax: new Map() });
      }
      return this.write({ ...base, type: stat.isCharacterDevice() ? "3" : "4", devMajor, devMinor });
    }
    // sockets have no place in a tar
  }

  private file(path: string, entry: Parameters<typeof writeTarEntry>[0]): void {
    // a link put in the file's place meanwhile is not followed
    const fd = openSync(fsPath(path), 0o400000);
    try {
      this.write(entry);
      let length = entry.size;
      const emit = (bytes: Uint8Array): void => {
        length -= bytes.length;
        this.emit(bytes);
      };
      try {
        copyRange(fd, 0, entry.size, this.buffer, emit);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== undefined) throw error;
        // the file shrank while it was read: the entry's size is promised, so the rest is zeros
        while (length > 0) emit(Buffer.alloc(Math.min(length, CHUNK)));
      }
      if (padding(entry.size) > 0) this.emit(Buffer.alloc(padding(entry.size)));
    } finally {
      closeSync(fd);
    }
  }

  private write(entry: Parameters<typeof writeTarEntry>[0]): void {
    this.emit(writeTarEntry(entry));
  }

  private isOpaque(path: string): boolean {
    return this.calls.getXattr(callPath(path), OPAQUE)?.[0] === 0x79;
  }

  private attributes(path: string, stat: BigIntStats): Map<string, string> {
    const pax = new Map<string, string>();
    if (this.options.xattrs.length === 0 || stat.isSymbolicLink()) return pax;
    for (const name of this.calls.listXattrs(callPath(path))) {
      if (!this.options.xattrs.some((wanted) => name.startsWith(wanted))) continue;
      const value = this.calls.getXattr(callPath(path), name);
      if (value !== undefined) pax.set(`SCHILY.xattr.${name}`, Buffer.from(value).toString("latin1"));
    }
    return pax;
  }
}

/** What tars keep of a file's attributes. */
export const KEPT_XATTRS = ["security.capability", "user."] as const;

export function statOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(fsPath(path), { bigint: true });
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

/** Sorted byte strings. */
export function readNames(path: string): string[] {
  try {
    return readdirSync(fsPath(path), { encoding: "buffer" }).map((name) => name.toString("latin1")).toSorted();
  } catch (error) {
    // it went while we came
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}
