// What a spec depends on besides its input: devices, kernel, mounts of this machine. Read when asked; tests put their own in its place.
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, statSync, type Stats } from "node:fs";
import { release } from "node:os";
import { CAPABILITIES } from "./capabilities.ts";
import type { SpecDevice } from "./oci-spec.ts";
import { parseKernel } from "./seccomp.ts";

export interface SpecHost {
  readonly architecture: string;
  readonly kernel: readonly [major: number, minor: number];
  /** Capabilities the daemon may hand on, in the kernel's order. */
  capabilities(): readonly string[];
  hasAppArmor(): boolean;
  hasSysctl(name: string): boolean;
  /** The device at a path, or all below a directory; undefined: there is nothing. Links are followed at the top only. */
  devices(path: string): SpecDevice[] | undefined;
  /** Of the file or device at a path. */
  deviceNumber(path: string): { major: number; minor: number } | undefined;
  isDirectory(path: string): boolean;
  /** The mount a path lies on, and whether it is shared with or slave of another. */
  mountOf(path: string): { mountPoint: string; isShared: boolean; isSlave: boolean } | undefined;
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "x86", loong64: "loong64" };

export function thisHost(): SpecHost {
  return {
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    kernel: parseKernel(release()),
    capabilities: availableCapabilities,
    hasAppArmor: () => read("/sys/module/apparmor/parameters/enabled").startsWith("Y"),
    hasSysctl: (name) => existsSync(`/proc/sys/${name.replaceAll(".", "/")}`),
    devices: devicesAt,
    deviceNumber: (path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found === undefined ? undefined : split(found.rdev);
    },
    isDirectory: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true,
    mountOf,
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // not every kernel has it
    return "";
  }
}

function availableCapabilities(): string[] {
  const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(read("/proc/self/status"))?.[1] ?? "0"}`);
  return CAPABILITIES.filter((_, number) => ((bounding >> BigInt(number)) & 1n) === 1n);
}

function split(rdev: number): { major: number; minor: number } {
  const value = BigInt(rdev);
  return { major: Number(((value >> 8n) & 0xfffn) | ((value >> 32n) & 0xfffff000n)), minor: Number((value & 0xffn) | ((value >> 12n) & 0xffffff00n)) };
}

function toDevice(path: string, found: Stats): SpecDevice | undefined {
  const type = found.isCharacterDevice() ? "c" : found.isBlockDevice() ? "b" : undefined;
  if (type === undefined) return undefined;
  return { path, type, ...split(found.rdev), fileMode: found.mode & 0o777, uid: found.uid, gid: found.gid };
}

/** In /dev, what is no device of the machine but of this mount of it. */
const NOT_BELOW = new Set(["pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev"]);

function devicesAt(path: string): SpecDevice[] | undefined {
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    // nothing there, or a link to nothing
    return undefined;
  }
  const found = statSync(real, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (found.isDirectory()) return below(real, path);
  const device = toDevice(path, found);
  return device === undefined ? [] : [device];
}

function below(directory: string, shownAs: string): SpecDevice[] {
  return readdirSync(directory).toSorted().flatMap((name) => {
    const path = `${directory}/${name}`;
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined || name === "console") return [];
    if (found.isDirectory()) return NOT_BELOW.has(name) ? [] : below(path, `${shownAs}/${name}`);
    const device = toDevice(`${shownAs}/${name}`, found);
    return device === undefined ? [] : [device];
  });
}

function mountOf(path: string): ReturnType<SpecHost["mountOf"]> {
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    return undefined;
  }
  let best: ReturnType<SpecHost["mountOf"]>;
  for (const line of read("/proc/self/mountinfo").split("\n")) {
    const fields = line.split(" ");
    const mountPoint = fields[4]?.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    if (mountPoint === undefined || !(mountPoint === "/" || real === mountPoint || real.startsWith(`${mountPoint}/`))) continue;
    // a later mount on the same place covers the earlier one
    if (best !== undefined && mountPoint.length < best.mountPoint.length) continue;
    const optional = fields.slice(6, fields.indexOf("-", 6)).join(" ");
    best = { mountPoint, isShared: optional.includes("shared:"), isSlave: optional.includes("master:") };
  }
  return best;
}
