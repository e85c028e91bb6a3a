// The real path of something below the process's root, links followed. (Bun's own realpath asks /proc, which a chroot has not.)
import { lstatSync, readlinkSync } from "node:fs";
import { components, fsPath } from "./byte-path.ts";

const MAX_LINKS = 255;

/** A byte string beginning with "/". Fails with ENOENT, ENOTDIR or ELOOP as the system does. */
export function realPath(path: string): string {
  let rest = path.split("/").filter((part) => part !== "" && part !== ".");
  let at: string[] = [];
  let links = 0;
  while (rest.length > 0) {
    const name = rest.shift() ?? "";
    if (name === "..") {
      at.pop();
      continue;
    }
    const here = `/${[...at, name].join("/")}`;
    const stat = lstatSync(fsPath(here));
    if (stat.isSymbolicLink()) {
      if (++links > MAX_LINKS) throw Object.assign(new Error(`ELOOP: too many levels of symbolic links, ${path}`), { code: "ELOOP" });
      const target = readlinkSync(fsPath(here), { encoding: "latin1" as BufferEncoding });
      rest = [...target.split("/").filter((part) => part !== "" && part !== "."), ...rest];
      if (target.startsWith("/")) at = [];
      continue;
    }
    if (rest.length > 0 && !stat.isDirectory()) throw Object.assign(new Error(`ENOTDIR: not a directory, ${here}`), { code: "ENOTDIR" });
    at.push(name);
  }
  return `/${components(at.join("/")).join("/")}`;
}
