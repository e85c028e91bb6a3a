// Facts about the host that /info shows.
import { existsSync, readdirSync, readFileSync, statfsSync } from "node:fs";

const FILESYSTEMS: Readonly<Record<number, string>> = {
  0xef53: "extfs", 0x58465342: "xfs", 0x9123683e: "btrfs", 0x01021994: "tmpfs", 0x794c7630: "overlayfs", 0x2fc12fc1: "zfs", 0xf2f52010: "f2fs", 0xca451a4e: "bcachefs",
};

export function backingFilesystem(path: string): string {
  return FILESYSTEMS[statfsSync(path).type] ?? "<unknown>";
}

export function operatingSystem(): string {
  const release = readOr("/etc/os-release") || readOr("/usr/lib/os-release");
  const match = /^PRETTY_NAME=(?:"(.*)"|'(.*)'|(.*))$/m.exec(release);
  return match?.[1] ?? match?.[2] ?? match?.[3] ?? "Linux";
}

export function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

export interface ControllerFacts {
  memory: boolean;
  swap: boolean;
  cpu: boolean;
  cpuset: boolean;
  pids: boolean;
  blkio: boolean;
}

export function controllers(cgroupVersion: 1 | 2): ControllerFacts {
  const root = "/sys/fs/cgroup";
  if (cgroupVersion === 2) {
    const names = readOr(`${root}/cgroup.controllers`).trim().split(/\s+/);
    const has = (name: string): boolean => names.includes(name);
    return { memory: has("memory"), swap: has("memory"), cpu: has("cpu"), cpuset: has("cpuset"), pids: has("pids"), blkio: has("io") };
  }
  const has = (path: string): boolean => existsSync(`${root}/${path}`);
  return { memory: has("memory"), swap: has("memory/memory.memsw.limit_in_bytes"), cpu: has("cpu"), cpuset: has("cpuset"), pids: has("pids"), blkio: has("blkio") };
}

export function securityOptions(cgroupVersion: 1 | 2): string[] {
  const options = ["name=seccomp,profile=builtin"];
  if (readOr("/sys/module/apparmor/parameters/enabled").trim() === "Y") options.unshift("name=apparmor");
  if (cgroupVersion === 2) options.push("name=cgroupns");
  return options;
}

export function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // not on this host
    return "";
  }
}
