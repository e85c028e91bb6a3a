// The files of one layer, made on the disk and packed by GNU tar: a writer of tars that is none of ours.
import { spawnSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync, symlinkSync, writeFileSync, writeSync, ftruncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileCalls } from "../../src/linux/file-calls.ts";

export interface Look {
  mode?: number;
  uid?: number;
  gid?: number;
  /** Seconds since 1970 and nanoseconds. */
  mtime?: readonly [number, number];
  xattrs?: Readonly<Record<string, Uint8Array>>;
}

/** Paths are byte strings (latin1), since names need not be UTF-8. Parents must be made first. */
export interface LayerFiles {
  file(path: string, content?: string | Uint8Array, look?: Look): void;
  /** Holes everywhere but at these offsets. */
  sparse(path: string, sizeBytes: number, data: readonly (readonly [number, string])[]): void;
  directory(path: string, look?: Look): void;
  symlink(target: string, path: string, look?: Look): void;
  link(existing: string, path: string): void;
  /** Type: "c" or "b". */
  device(path: string, type: "c" | "b", numbers: readonly [number, number], look?: Look): void;
  fifo(path: string, look?: Look): void;
}

const calls = openFileCalls();
const MTIME = [1_700_000_000, 0] as const;
const KIND = { c: 0o020000, b: 0o060000, p: 0o010000 } as const;

/** Always the same bytes for the same files. */
export function packLayer(make: (files: LayerFiles) => void, tarArguments: readonly string[] = ["--format=gnu"]): Buffer {
  const directory = mkdtempSync(join(tmpdir(), "berth-shape-"));
  try {
    const root = join(directory, "root");
    mkdirSync(root);
    const directories = new Map<string, Look>([["", {}]]);
    make(filesBelow(root, directories));
    // what was put into them has changed their times
    for (const [path, look] of directories) dress(root, path, look);
    const { status, stderr, stdout } = spawnSync("tar", ["-C", root, "--numeric-owner", "--sort=name", ...tarArguments, "-cf", join(directory, "layer.tar"), "."], { encoding: "utf8" });
    if (status !== 0) throw new Error(`tar: ${stderr}${stdout}`);
    return readFileSync(join(directory, "layer.tar"));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function filesBelow(root: string, directories: Map<string, Look>): LayerFiles {
  const node = (path: string, type: keyof typeof KIND, [major, minor]: readonly [number, number], look: Look): void => {
    calls.mknod(bytes(root, path, "\0"), KIND[type] | (look.mode ?? 0o644), major, minor);
    chmodSync(bytes(root, path), look.mode ?? 0o644);
    dress(root, path, look);
  };
  return {
    file(path, content = "", look = {}) {
      writeFileSync(bytes(root, path), content);
      dress(root, path, { mode: 0o644, ...look });
    },
    sparse(path, sizeBytes, data) {
      const fd = openSync(bytes(root, path), "w");
      ftruncateSync(fd, sizeBytes);
      for (const [offset, text] of data) writeSync(fd, text, offset);
      closeSync(fd);
      dress(root, path, { mode: 0o644 });
    },
    directory(path, look = {}) {
      mkdirSync(bytes(root, path));
      directories.set(path, { mode: 0o755, ...look });
    },
    symlink(target, path, look = {}) {
      symlinkSync(Buffer.from(target, "latin1"), bytes(root, path));
      dress(root, path, look);
    },
    link: (existing, path) => linkSync(bytes(root, existing), bytes(root, path)),
    device: (path, type, numbers, look = {}) => node(path, type, numbers, look),
    fifo: (path, look = {}) => node(path, "p", [0, 0], look),
  };
}

function dress(root: string, path: string, { mode, uid = 0, gid = 0, mtime = MTIME, xattrs = {} }: Look): void {
  const at = bytes(root, path, "\0");
  calls.lchown(at, uid, gid);
  if (mode !== undefined) chmodSync(bytes(root, path), mode);
  for (const [name, value] of Object.entries(xattrs)) calls.setXattr(at, name, value);
  calls.setTimes(at, BigInt(mtime[0]), mtime[1]);
}

function bytes(root: string, path: string, end = ""): Buffer {
  return Buffer.from(`${root}/${path}${end}`, "latin1");
}
