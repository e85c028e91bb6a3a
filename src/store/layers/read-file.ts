// Finds one file or directory through a container's layers without mounting them: links are followed within the container's root,
// whiteouts and opaque directories hide what is below.
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync, type BigIntStats } from "node:fs";
import type { FileCalls } from "../../linux/file-calls.ts";

const MAX_LINKS = 40;

/** `roots` top to bottom. undefined if there is no such regular file. */
export function readLayeredFile(calls: FileCalls, roots: readonly string[], path: string, maxBytes: number): Uint8Array | undefined {
  const found = locate(calls, roots, path);
  return found?.stat.isFile() === true ? read(calls, found.root, found.relative, maxBytes) : undefined;
}

/** Permission bits of a directory; undefined if there is none. */
export function layeredDirectoryMode(calls: FileCalls, roots: readonly string[], path: string): number | undefined {
  const found = locate(calls, roots, path);
  return found?.stat.isDirectory() === true ? Number(found.stat.mode & 0o7777n) : undefined;
}

function locate(calls: FileCalls, roots: readonly string[], path: string): (Found & { relative: string }) | undefined {
  let rest = parts(path);
  let at: string[] = [];
  let visible = [...roots];
  const trail: string[][] = [];
  let links = 0;
  while (rest.length > 0) {
    const name = rest.shift() ?? "";
    if (name === "..") {
      at.pop();
      visible = trail.pop() ?? [...roots];
      continue;
    }
    const relative = [...at, name].join("/");
    const found = lookUp(calls, visible, relative);
    if (found === undefined) return undefined;
    if (found.stat.isSymbolicLink()) {
      if (++links > MAX_LINKS) return undefined;
      const target = readlinkSync(`${found.root}/${relative}`);
      rest = [...parts(target), ...rest];
      if (target.startsWith("/")) {
        at = [];
        visible = [...roots];
        trail.length = 0;
      }
      continue;
    }
    if (rest.length === 0) return { ...found, relative };
    if (!found.stat.isDirectory()) return undefined;
    trail.push(visible);
    visible = found.visible;
    at.push(name);
  }
  return undefined;
}

interface Found {
  root: string;
  stat: BigIntStats;
  /** Roots whose directory of this name is merged into what one sees. */
  visible: string[];
}

function lookUp(calls: FileCalls, roots: readonly string[], relative: string): Found | undefined {
  let found: Found | undefined;
  for (const root of roots) {
    const path = `${root}/${relative}`;
    const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) continue;
    const isWhiteout = stat.isCharacterDevice() && stat.rdev === 0n;
    if (found === undefined) {
      if (isWhiteout) return undefined;
      found = { root, stat, visible: [root] };
      if (!stat.isDirectory()) return found;
    } else {
      if (isWhiteout || !stat.isDirectory()) return found;
      found.visible.push(root);
    }
    if (calls.getXattr(Buffer.from(`${path}\0`), "trusted.overlay.opaque")?.[0] === 0x79) return found;
  }
  return found;
}

/** The container may change its read-write layer meanwhile: the open itself cannot leave the root. */
function read(calls: FileCalls, root: string, relative: string, maxBytes: number): Uint8Array | undefined {
  const directory = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const fd = calls.openInRoot(directory, relative, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile()) return undefined;
      // as large as the file is now, not as it may be: zeroing megabytes for a passwd file costs milliseconds
      const buffer = Buffer.allocUnsafe(Math.min(stat.size, maxBytes));
      let used = 0;
      while (used < buffer.length) {
        const got = readSync(fd, buffer, used, buffer.length - used, null);
        if (got === 0) break;
        used += got;
      }
      return buffer.subarray(0, used);
    } finally {
      closeSync(fd);
    }
  } finally {
    closeSync(directory);
  }
}

function parts(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
