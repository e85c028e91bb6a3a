// Shapes of the OCI runtime spec (config.json), as far as they are written here, and what createSpec makes one from. Types only.
import type { HostConfig } from "../wire/docker.ts";

export interface SpecUser {
  uid: number;
  gid: number;
  additionalGids?: readonly number[];
  umask?: number;
}

/** What the engine found out about a container; everything else stands in its HostConfig. */
export interface SpecInput {
  id: string;
  /** Entrypoint and command, as one. */
  args: readonly string[];
  /** Complete: PATH, HOSTNAME, HOME, TERM… are already in it. */
  env: readonly string[];
  cwd: string;
  /** `additionalGids` with those of GroupAdd. */
  user: SpecUser;
  terminal: boolean;
  consoleSize?: readonly [height: number, width: number];
  hostname: string;
  domainname: string;
  hostConfig: HostConfig;
  /** Volumes, binds and tmpfs, in any order. */
  mounts: readonly SpecMount[];
  /** Files on the host that become /etc/hosts, /etc/resolv.conf and /etc/hostname. */
  files: { hosts?: string; resolvConf?: string; hostname?: string };
  namespaces: {
    /** A path (bound namespace, or /proc/PID/ns/net of another container) or the host's. */
    network: NamespaceChoice;
    /** "private": a new one. */
    pid: NamespaceChoice;
    ipc: NamespaceChoice;
    uts: NamespaceChoice;
    cgroup: NamespaceChoice;
  };
  /** A tmpfs on the host that becomes /dev/shm: of a shareable container, and of those that join it. Else a tmpfs of ShmSize, or the host's with its IPC. */
  shmPath?: string;
  /** Defaults to HostConfig.CgroupParent/ID, or /docker/ID. */
  cgroupsPath?: string;
  /** Program on the host that becomes process 1 and reaps; undefined: none. */
  initPath?: string;
  cgroupVersion: 1 | 2;
  annotations?: Readonly<Record<string, string>>;
}

export type NamespaceChoice = "private" | "host" | { readonly path: string };

/** One thing mounted for the user. */
export interface SpecMount {
  type: "bind" | "tmpfs";
  destination: string;
  /** Of a bind: path on the host. */
  source?: string;
  readOnly?: boolean;
  /** rprivate, rshared, rslave, private, shared or slave; "": not said, hence what the runtime makes of the root: private. */
  propagation?: string;
  /** A bind without what is mounted below its source. */
  nonRecursive?: boolean;
  /** Whether a read-only bind makes the mounts below it read-only too: as far as the kernel can (undefined), never, or else fail. */
  recursiveReadOnly?: "if-possible" | "disabled" | "required";
  /** Of a tmpfs: what follows the path in --tmpfs, "size=64m,mode=1777". */
  options?: string;
}

export interface Spec {
  ociVersion: string;
  process: SpecProcess;
  root: { path: string; readonly?: boolean };
  hostname?: string;
  domainname?: string;
  mounts: OciMount[];
  hooks?: Record<string, unknown>;
  annotations?: Record<string, string>;
  linux: SpecLinux;
}

export interface SpecProcess {
  terminal?: boolean;
  consoleSize?: { height: number; width: number };
  user: { uid: number; gid: number; additionalGids?: number[]; umask?: number };
  args: string[];
  env: string[];
  cwd: string;
  capabilities?: SpecCapabilities;
  rlimits?: { type: string; hard: number | JsonNumber; soft: number | JsonNumber }[];
  noNewPrivileges?: boolean;
  apparmorProfile?: string;
  oomScoreAdj?: number;
}

/** A number too large to be exact here: made by JSON.rawJSON, written as it is by JSON.stringify. */
export interface JsonNumber {
  readonly rawJSON: string;
}

export interface SpecCapabilities {
  bounding: string[];
  effective: string[];
  inheritable?: string[];
  permitted: string[];
  ambient?: string[];
}

export interface OciMount {
  destination: string;
  type: string;
  source: string;
  options: string[];
}

export interface SpecLinux {
  sysctl?: Record<string, string>;
  resources: SpecResources;
  cgroupsPath: string;
  namespaces: { type: "mount" | "network" | "uts" | "pid" | "ipc" | "cgroup" | "user"; path?: string }[];
  devices?: SpecDevice[];
  seccomp?: SpecSeccomp;
  rootfsPropagation?: string;
  maskedPaths?: string[];
  readonlyPaths?: string[];
}

export interface SpecDevice {
  path: string;
  type: "c" | "b" | "p";
  major: number;
  minor: number;
  fileMode?: number;
  uid?: number;
  gid?: number;
}

export interface SpecDeviceRule {
  allow: boolean;
  type?: "a" | "b" | "c";
  major?: number;
  minor?: number;
  access: string;
}

export interface SpecResources {
  devices: SpecDeviceRule[];
  memory?: { limit?: number; reservation?: number; swap?: number; swappiness?: number; disableOOMKiller?: boolean; kernelTCP?: number };
  cpu?: { shares?: number; quota?: number; period?: number; realtimeRuntime?: number; realtimePeriod?: number; cpus?: string; mems?: string };
  pids?: { limit: number };
  blockIO?: SpecBlockIo;
}

export interface SpecBlockIo {
  weight?: number;
  weightDevice?: { major: number; minor: number; weight: number }[];
  throttleReadBpsDevice?: SpecThrottle[];
  throttleWriteBpsDevice?: SpecThrottle[];
  throttleReadIOPSDevice?: SpecThrottle[];
  throttleWriteIOPSDevice?: SpecThrottle[];
}

export interface SpecThrottle {
  major: number;
  minor: number;
  rate: number;
}

export interface SpecSeccomp {
  defaultAction: string;
  defaultErrnoRet?: number;
  architectures?: string[];
  flags?: string[];
  listenerPath?: string;
  listenerMetadata?: string;
  syscalls?: SpecSyscall[];
}

export interface SpecSyscall {
  names: string[];
  action: string;
  errnoRet?: number;
  args?: SpecSyscallArg[];
}

export interface SpecSyscallArg {
  index: number;
  value: number;
  valueTwo?: number;
  op: string;
}
