// Mounts of a container: the kernel's own file systems, what the user mounts, and the engine's files, in the order they are made. Pure but for `host`.
import { internal } from "../base/errors.ts";
import type { OciMount, SpecInput, SpecMount } from "./oci-spec.ts";
import { isAtLeast } from "./seccomp.ts";
import type { SpecHost } from "./spec-host.ts";
import { tmpfsOptions } from "./tmpfs-options.ts";

const SAFE = ["nosuid", "noexec", "nodev"];
const DEFAULT_SHM_BYTES = 64 * 1024 * 1024;
const INIT_PATH = "/sbin/docker-init";

export function specMounts(input: SpecInput, host: SpecHost): { mounts: OciMount[]; rootfsPropagation?: "shared" | "rslave" } {
  const users = [...input.mounts, ...ownMounts(input)];
  const taken = new Set(users.map((mount) => mount.destination));
  const kernel = kernelMounts(input).filter(({ destination }) => !taken.has(destination) && !(taken.has("/dev") && destination.startsWith("/dev/")));
  const init: OciMount[] = usesInit(input) ? [{ destination: INIT_PATH, type: "bind", source: input.initPath ?? "", options: ["bind", "ro"] }] : [];
  const ordered = users.map((mount) => ({ mount, depth: depthOf(mount.destination) })).toSorted((one, other) => one.depth - other.depth);
  const mounts = [...kernel, ...init, ...ordered.map(({ mount }) => (mount.type === "tmpfs" ? tmpfs(mount) : bind(mount, host)))];
  const rootfsPropagation = propagationOfRoot(users);
  return rootfsPropagation === undefined ? { mounts } : { mounts, rootfsPropagation };
}

/** Who shares the host's or another's processes has no process 1 of its own. */
export function usesInit(input: SpecInput): boolean {
  return input.initPath !== undefined && input.namespaces.pid === "private";
}

export function initArgs(args: readonly string[]): string[] {
  return [INIT_PATH, "--", ...args];
}

function depthOf(destination: string): number {
  return destination.split("/").filter((part) => part !== "").length;
}

function kernelMounts(input: SpecInput): OciMount[] {
  const { hostConfig } = input;
  const isPrivileged = hostConfig.Privileged === true;
  const readOnly = isPrivileged ? [] : ["ro"];
  const cgroupsWritable = isPrivileged || (hostConfig.SecurityOpt ?? []).some((option) => /^writable-cgroups[=:](true|1|t)$/i.test(option));
  const mounts: OciMount[] = [
    { destination: "/proc", type: "proc", source: "proc", options: [...SAFE] },
    { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "strictatime", "mode=755", "size=65536k"] },
    { destination: "/dev/pts", type: "devpts", source: "devpts", options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
    { destination: "/sys", type: "sysfs", source: "sysfs", options: [...SAFE, ...readOnly] },
    { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: [...(cgroupsWritable ? [] : ["ro"]), ...SAFE] },
    { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: [...SAFE] },
  ];
  if (input.shmPath === undefined && input.namespaces.ipc === "private" && hostConfig.IpcMode !== "none") {
    mounts.push({ destination: "/dev/shm", type: "tmpfs", source: "shm", options: [...SAFE, "mode=1777", `size=${hostConfig.ShmSize || DEFAULT_SHM_BYTES}`] });
  }
  return mounts;
}

/** The engine's files and a shared /dev/shm, unless the user mounts something of their own there. */
function ownMounts({ files, mounts, hostConfig, namespaces, shmPath }: SpecInput): SpecMount[] {
  const readOnly = hostConfig.ReadonlyRootfs === true;
  const sharedMemory = shmPath ?? (namespaces.ipc === "host" ? "/dev/shm" : undefined);
  const wanted: SpecMount[] = [
    ...(sharedMemory === undefined ? [] : [own("/dev/shm", sharedMemory, false)]),
    ...(files.resolvConf === undefined ? [] : [own("/etc/resolv.conf", files.resolvConf, readOnly)]),
    ...(files.hostname === undefined ? [] : [own("/etc/hostname", files.hostname, readOnly)]),
    ...(files.hosts === undefined ? [] : [own("/etc/hosts", files.hosts, readOnly)]),
  ];
  return wanted.filter(({ destination }) => !mounts.some((mount) => mount.destination === destination));
}

function own(destination: string, source: string, readOnly: boolean): SpecMount {
  return { type: "bind", destination, source, propagation: "rprivate", readOnly };
}

function tmpfs({ destination, options = "", readOnly }: SpecMount): OciMount {
  return { destination, type: "tmpfs", source: "tmpfs", options: tmpfsOptions(options, readOnly === true ? ["ro"] : []) };
}

function bind(mount: SpecMount, host: SpecHost): OciMount {
  const { destination, source = "", propagation = "" } = mount;
  checkPropagation(source, propagation, host);
  const options = [mount.nonRecursive === true ? "bind" : "rbind"];
  if (mount.readOnly === true) options.push(readOnlyOption(mount, host));
  if (propagation !== "") options.push(propagation);
  return { destination, type: "bind", source, options };
}

const RECURSIVE_READ_ONLY_SINCE = [5, 12] as const;

function readOnlyOption({ source = "", recursiveReadOnly = "if-possible" }: SpecMount, host: SpecHost): "ro" | "rro" {
  // nothing can be mounted below a file; and crun refuses `rro` there
  if (recursiveReadOnly === "disabled" || !host.isDirectory(source)) return "ro";
  if (isAtLeast(host.kernel, RECURSIVE_READ_ONLY_SINCE)) return "rro";
  if (recursiveReadOnly === "required") throw internal(`rro is not supported: kernel version must be >= ${RECURSIVE_READ_ONLY_SINCE.join(".")}`);
  return "ro";
}

/** What is to be passed on must come to the host's mount in the first place. */
function checkPropagation(source: string, propagation: string, host: SpecHost): void {
  if (!/^r?(shared|slave)$/.test(propagation)) return;
  const mount = host.mountOf(source);
  if (mount === undefined || mount.isShared || (propagation.endsWith("slave") && mount.isSlave)) return;
  throw internal(`path ${source} is mounted on ${mount.mountPoint} but it is not a shared ${propagation.endsWith("slave") ? "or slave mount" : "mount"}`);
}

function propagationOfRoot(mounts: readonly SpecMount[]): "shared" | "rslave" | undefined {
  if (mounts.some(({ propagation }) => propagation === "shared" || propagation === "rshared")) return "shared";
  return mounts.some(({ propagation }) => propagation === "slave" || propagation === "rslave") ? "rslave" : undefined;
}
