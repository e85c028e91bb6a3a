// Options of a tmpfs: the safe ones, overridden by the given. Pure.
import { invalid } from "../base/errors.ts";

const DEFAULTS = ["noexec", "nosuid", "nodev"];

/** Flags that undo each other, under one name. */
const FLAGS: Readonly<Record<string, string>> = {
  ro: "ro", rw: "ro", suid: "suid", nosuid: "suid", dev: "dev", nodev: "dev", exec: "exec", noexec: "exec", sync: "sync", async: "sync", dirsync: "dirsync", remount: "remount",
  mand: "mand", nomand: "mand", atime: "atime", noatime: "atime", diratime: "diratime", nodiratime: "diratime", relatime: "relatime", norelatime: "relatime",
  strictatime: "strictatime", nostrictatime: "strictatime", bind: "bind", rbind: "rbind", private: "propagation", rprivate: "propagation", shared: "propagation", rshared: "propagation",
  slave: "propagation", rslave: "propagation", unbindable: "propagation", runbindable: "propagation", defaults: "defaults",
};
const VALUES = new Set(["size", "mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol", "huge"]);

/** The last of those that mean the same thing counts. */
export function tmpfsOptions(given: string, extra: readonly string[] = []): string[] {
  const wanted = [...DEFAULTS, "rprivate", ...extra, ...given.split(",").map((option) => option.trim())].filter((option) => option !== "");
  const last = new Map(wanted.map((option, index) => [meaning(option), index]));
  return wanted.filter((option, index) => last.get(meaning(option)) === index && option !== "defaults");
}

function meaning(option: string): string {
  const flag = FLAGS[option];
  if (flag !== undefined) return flag;
  const name = option.split("=", 1)[0] ?? "";
  if (!option.includes("=") || !VALUES.has(name)) throw invalid(`invalid tmpfs option "${name}"`);
  return `${name}=`;
}
