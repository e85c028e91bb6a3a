// Makes files below the process's root (the worker has chrooted): parents are resolved by hand, so that a link that the
// archive brought leads where it would in the container, and never outside.
import { closeSync, fchmodSync, fchownSync, lstatSync, mkdirSync, openSync, readlinkSync, rmdirSync, symlinkSync, linkSync, unlinkSync, chmodSync, readdirSync, type Stats } from "node:fs";
import type { FileCalls } from "../../linux/file-calls.ts";
import { callPath, components, fsPath } from "./byte-path.ts";

const MAX_LINKS = 40;

export class Tree {
  /** Real paths known to be directories. */
  private readonly directories = new Set<string>([""]);

  constructor(
    readonly calls: FileCalls,
    /** Told of something other than a directory that is to go; true if it took it away itself. */
    private readonly keep: (path: string, stat: Stats) => boolean = () => false,
  ) {}

  /** The real path of `path`'s parent (made if missing) joined with its last component; "" for the root itself. */
  place(path: string): string {
    const parts = components(path);
    const last = parts.pop();
    return last === undefined ? "" : `${this.directory(parts)}/${last}`;
  }

  stat(path: string): Stats | undefined {
    try {
      return lstatSync(fsPath(path === "" ? "/" : path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Takes away whatever stands there, a directory with all it holds. */
  remove(path: string, stat: Stats): void {
    if (!stat.isDirectory()) {
      if (!this.keep(path, stat)) unlinkSync(fsPath(path));
      if (stat.isSymbolicLink()) this.forget();
      return;
    }
    for (const name of readdirSync(fsPath(path), { encoding: "latin1" as BufferEncoding })) {
      const child = `${path}/${name}`;
      const found = this.stat(child);
      if (found !== undefined) this.remove(child, found);
    }
    rmdirSync(fsPath(path));
    this.forget();
  }

  makeDirectory(path: string, mode: number): void {
    mkdirSync(fsPath(path), { mode });
    this.directories.add(path);
  }

  createFile(path: string, mode: number): number {
    return openSync(fsPath(path), "wx", mode & 0o777);
  }

  finishFile(fd: number, mode: number, uid: number, gid: number): void {
    if (uid !== 0 || gid !== 0) fchownSync(fd, uid, gid);
    // always: the umask may have taken bits, and chown takes setuid
    fchmodSync(fd, mode);
    closeSync(fd);
  }

  setOwner(path: string, uid: number, gid: number): void {
    this.calls.lchown(callPath(path === "" ? "/" : path), uid, gid);
  }

  setMode(path: string, mode: number): void {
    chmodSync(fsPath(path === "" ? "/" : path), mode);
  }

  symlink(target: string, path: string): void {
    symlinkSync(fsPath(target), fsPath(path));
  }

  link(existing: string, path: string): void {
    linkSync(fsPath(existing), fsPath(path));
  }

  /** Where a path leads when its parents' links are followed: undefined if a parent is missing. Makes nothing. */
  find(path: string): string | undefined {
    const parts = components(path);
    const last = parts.pop();
    if (last === undefined) return "";
    const parent = this.resolve(parts, false);
    return parent === undefined ? undefined : `${parent}/${last}`;
  }

  private directory(parts: readonly string[]): string {
    return this.resolve(parts, true) ?? "";
  }

  private resolve(parts: readonly string[], make: boolean): string | undefined {
    const direct = parts.length === 0 ? "" : `/${parts.join("/")}`;
    if (this.directories.has(direct)) return direct;
    let rest = [...parts];
    let at: string[] = [];
    let links = 0;
    while (rest.length > 0) {
      const name = rest.shift() ?? "";
      const here = `/${[...at, name].join("/")}`;
      if (this.directories.has(here)) {
        at.push(name);
        continue;
      }
      const stat = this.stat(here);
      if (stat === undefined) {
        if (!make) return undefined;
        this.makeDirectory(here, 0o755);
        at.push(name);
      } else if (stat.isSymbolicLink()) {
        if (++links > MAX_LINKS) throw Object.assign(new Error(`ELOOP: too many levels of symbolic links, ${here}`), { code: "ELOOP" });
        const target = readlinkSync(fsPath(here), { encoding: "latin1" as BufferEncoding });
        rest = components([...(target.startsWith("/") ? [] : at), target, ...rest].join("/"));
        at = [];
      } else if (stat.isDirectory()) {
        this.directories.add(here);
        at.push(name);
      } else {
        if (!make) return undefined;
        // the archive wants a directory where it had put a file
        this.remove(here, stat);
        this.makeDirectory(here, 0o755);
        at.push(name);
      }
    }
    return at.length === 0 ? "" : `/${at.join("/")}`;
  }

  private forget(): void {
    this.directories.clear();
    this.directories.add("");
  }
}
