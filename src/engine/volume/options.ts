// The local driver's options: type, device and o, as for mount(8). Checked, and turned into a mount command. Pure.
import { invalid } from "../../base/errors.ts";

const KNOWN = ["type", "device", "o", "size"];

/** Throws `create NAME: …` in Docker's words. */
export function checkVolumeOptions(name: string, options: Readonly<Record<string, string>>): void {
  for (const key of Object.keys(options)) if (!KNOWN.includes(key)) throw invalid(`create ${name}: invalid option: "${key}"`);
  if (options["size"] !== undefined) throw invalid(`create ${name}: quota size requested but no quota support`);
  const isMounted = ["type", "device", "o"].some((key) => options[key] !== undefined);
  if (!isMounted) return;
  for (const key of ["device", "type"]) if (options[key] === undefined) throw invalid(`create ${name}: missing required option: "${key}"`);
}

export function needsMount(options: Readonly<Record<string, string>>): boolean {
  return options["device"] !== undefined || options["type"] !== undefined;
}

/** Arguments of mount(8). */
export function mountCommand(options: Readonly<Record<string, string>>, target: string): string[] {
  const { type = "", device = "", o = "" } = options;
  const flags = o.split(",").filter((flag) => flag !== "");
  const isBind = flags.includes("bind") || flags.includes("rbind");
  return ["mount", ...(isBind || type === "" ? [] : ["-t", type]), ...(flags.length === 0 ? [] : ["-o", flags.join(",")]), "--", device, target];
}

const FLAGS: Readonly<Record<string, number>> = {
  ro: 0x1, nosuid: 0x2, nodev: 0x4, noexec: 0x8, sync: 0x10, remount: 0x20, mand: 0x40, dirsync: 0x80, noatime: 0x400, nodiratime: 0x800,
  bind: 0x1000, rbind: 0x5000, unbindable: 0x20000, private: 0x40000, slave: 0x80000, shared: 0x100000, relatime: 0x200000, strictatime: 0x1000000,
};
const NO_FLAGS = ["rw", "suid", "dev", "exec", "async", "defaults"];

/** "mount DEVICE:TARGET, flags: 0x1000, data: …", as it stands in Docker's errors. */
export function describeMount(options: Readonly<Record<string, string>>, target: string): string {
  const words = (options["o"] ?? "").split(",").filter((word) => word !== "");
  const flags = words.reduce((sum, word) => sum | (FLAGS[word] ?? 0), 0);
  const rest = words.filter((word) => FLAGS[word] === undefined && !NO_FLAGS.includes(word));
  return `mount ${options["device"] ?? ""}:${target}${flags === 0 ? "" : `, flags: 0x${flags.toString(16)}`}${rest.length === 0 ? "" : `, data: ${rest.join(",")}`}`;
}

/** The reason at the end of mount(8)'s complaint, in the words of the kernel. */
export function mountReason(stderr: string): string {
  if (/does not exist|No such file/i.test(stderr)) return "no such file or directory";
  if (/unknown filesystem type/i.test(stderr)) return "no such device";
  if (/permission denied/i.test(stderr)) return "permission denied";
  if (/wrong fs type|bad option|Invalid argument/i.test(stderr)) return "invalid argument";
  return stderr.trim().split("\n", 1)[0]?.replace(/^mount: /, "") ?? "failed";
}
