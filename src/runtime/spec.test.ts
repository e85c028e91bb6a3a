import { expect, test } from "bun:test";
import type { DeviceRequest, HostConfig } from "../wire/docker.ts";
import { CAPABILITIES } from "./capabilities.ts";
import type { SpecDevice, SpecInput, SpecMount } from "./oci-spec.ts";
import { createSpec } from "./spec.ts";
import type { SpecHost } from "./spec-host.ts";

const device = (path: string, major: number, minor: number): SpecDevice => ({ path, type: "c", major, minor, fileMode: 0o666, uid: 0, gid: 0 });

/** A machine with a handful of devices, where /shared is a shared mount and /slave a slave. */
const HOST: SpecHost = {
  architecture: "amd64",
  kernel: [6, 1],
  capabilities: () => CAPABILITIES,
  hasAppArmor: () => false,
  hasSysctl: () => true,
  devices: (path) => {
    if (path === "/dev") return [device("/dev/null", 1, 3), device("/dev/ptmx", 5, 2), device("/dev/fuse", 10, 229)];
    if (path === "/dev/snd") return [device("/dev/snd/a", 116, 1), device("/dev/snd/b", 116, 2)];
    if (path === "/etc/passwd") return [];
    return path === "/dev/fuse" ? [device(path, 10, 229)] : undefined;
  },
  deviceNumber: (path) => (path === "/dev/vda" ? { major: 254, minor: 0 } : undefined),
  isDirectory: (path) => !path.endsWith(".txt"),
  mountOf: (path) => ({ mountPoint: path === "/" ? "/" : path, isShared: path === "/shared", isSlave: path === "/slave" }),
};

function specOf(hostConfig: HostConfig = {}, more: Partial<SpecInput> = {}, host: Partial<SpecHost> = {}) {
  const input: SpecInput = {
    id: "c1", args: ["sleep", "60"], env: ["A=b"], cwd: "/", user: { uid: 0, gid: 0 }, terminal: false, hostname: "h", domainname: "", hostConfig: { NetworkMode: "bridge", ...hostConfig },
    mounts: [], files: {}, namespaces: { network: { path: "/netns" }, pid: "private", ipc: "private", uts: "private", cgroup: "host" }, cgroupVersion: 1, ...more,
  };
  return createSpec(input, { ...HOST, ...host });
}

const mountsOf = (hostConfig: HostConfig, mounts: SpecMount[], more: Partial<SpecInput> = {}) => specOf(hostConfig, { mounts, ...more }).mounts;
const bind = (destination: string, more: Partial<SpecMount> = {}): SpecMount => ({ type: "bind", source: "/s", destination, ...more });

test("an ordinary container gets Docker's file systems, in its order", () => {
  expect(specOf().mounts.map(({ destination, type, options }) => `${destination} ${type} ${options.join(",")}`)).toEqual([
    "/proc proc nosuid,noexec,nodev",
    "/dev tmpfs nosuid,strictatime,mode=755,size=65536k",
    "/dev/pts devpts nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5",
    "/sys sysfs nosuid,noexec,nodev,ro",
    "/sys/fs/cgroup cgroup ro,nosuid,noexec,nodev",
    "/dev/mqueue mqueue nosuid,noexec,nodev",
    "/dev/shm tmpfs nosuid,noexec,nodev,mode=1777,size=67108864",
  ]);
});

test("what the user mounts comes after, shallow paths first, then the engine's files among them", () => {
  const mounts = [{ type: "tmpfs" as const, destination: "/t" }, bind("/b/c"), bind("/b"), bind("/b/c/d")];
  const destinations = mountsOf({}, mounts, { files: { hosts: "/h", resolvConf: "/r", hostname: "/n" } }).map(({ destination }) => destination);
  expect(destinations.slice(7)).toEqual(["/t", "/b", "/b/c", "/etc/resolv.conf", "/etc/hostname", "/etc/hosts", "/b/c/d"]);
});

test("a mount of the user's takes the place of one of ours, and /dev of all below it", () => {
  expect(mountsOf({}, [bind("/dev/shm"), bind("/etc/hosts")], { files: { hosts: "/h" } }).filter(({ type }) => type === "bind").map(({ source }) => source)).toEqual(["/s", "/s"]);
  expect(mountsOf({}, [bind("/dev")]).map(({ destination }) => destination)).toEqual(["/proc", "/sys", "/sys/fs/cgroup", "/dev"]);
});

const BIND_CASES: [name: string, mount: Partial<SpecMount>, options: string][] = [
  ["a volume", {}, "rbind"],
  ["a bind", { propagation: "rprivate" }, "rbind,rprivate"],
  ["read-only, all below it too", { readOnly: true, propagation: "rprivate" }, "rbind,rro,rprivate"],
  ["read-only, not below it", { readOnly: true, recursiveReadOnly: "disabled" }, "rbind,ro"],
  ["a read-only file", { source: "/f.txt", readOnly: true }, "rbind,ro"],
  ["without what is below it", { nonRecursive: true, readOnly: true }, "bind,rro"],
  ["shared", { source: "/shared", propagation: "rshared" }, "rbind,rshared"],
];
for (const [name, mount, options] of BIND_CASES) {
  test(`options of a bind mount: ${name}`, () => {
    expect(mountsOf({}, [bind("/d", mount)]).at(-1)?.options.join(",")).toBe(options);
  });
}

test("an old kernel cannot make what is below a mount read-only: left out, unless asked for", () => {
  const old = { kernel: [5, 10] as const };
  expect(specOf({}, { mounts: [bind("/d", { readOnly: true })] }, old).mounts.at(-1)?.options).toEqual(["rbind", "ro"]);
  expect(() => specOf({}, { mounts: [bind("/d", { readOnly: true, recursiveReadOnly: "required" })] }, old)).toThrow("kernel version must be >= 5.12");
});

test("propagation needs a source that has it", () => {
  expect(() => mountsOf({}, [bind("/d", { propagation: "rshared" })])).toThrow("path /s is mounted on /s but it is not a shared mount");
  expect(() => mountsOf({}, [bind("/d", { propagation: "slave" })])).toThrow("path /s is mounted on /s but it is not a shared or slave mount");
  expect(specOf({}, { mounts: [bind("/d", { source: "/slave", propagation: "rslave" })] }).linux.rootfsPropagation).toBe("rslave");
  expect(specOf({}, { mounts: [bind("/d", { source: "/shared", propagation: "shared" })] }).linux.rootfsPropagation).toBe("shared");
});

const TMPFS_CASES: [given: string, options: string][] = [
  ["", "noexec,nosuid,nodev,rprivate"],
  ["rw,exec,size=5m,mode=700", "nosuid,nodev,rprivate,rw,exec,size=5m,mode=700"],
  ["exec,noexec,size=1,size=2", "nosuid,nodev,rprivate,noexec,size=2"],
];
for (const [given, options] of TMPFS_CASES) {
  test(`options of a tmpfs: ${given || "none"}`, () => {
    expect(mountsOf({}, [{ type: "tmpfs", destination: "/t", options: given }]).at(-1)?.options.join(",")).toBe(options);
  });
}

test("an unknown tmpfs option is refused by its name", () => {
  expect(() => mountsOf({}, [{ type: "tmpfs", destination: "/t", options: "foo=1" }])).toThrow('invalid tmpfs option "foo"');
});

test("shared memory: own, none, the host's, a shared one, of a given size", () => {
  const shm = (hostConfig: HostConfig, more: Partial<SpecInput> = {}) => specOf(hostConfig, more).mounts.find(({ destination }) => destination === "/dev/shm");
  expect(shm({ ShmSize: 1024 })?.options).toContain("size=1024");
  expect(shm({ IpcMode: "none" })).toBeUndefined();
  expect(shm({ IpcMode: "host" }, { namespaces: { network: "host", pid: "host", ipc: "host", uts: "host", cgroup: "host" } })).toMatchObject({ source: "/dev/shm", type: "bind" });
  expect(shm({ IpcMode: "shareable" }, { shmPath: "/c/shm" })).toMatchObject({ source: "/c/shm", options: ["rbind", "rprivate"] });
});

const DEFAULT_CAPABILITIES =
  "CAP_CHOWN CAP_DAC_OVERRIDE CAP_FSETID CAP_FOWNER CAP_MKNOD CAP_NET_RAW CAP_SETGID CAP_SETUID CAP_SETFCAP CAP_SETPCAP CAP_NET_BIND_SERVICE CAP_SYS_CHROOT CAP_KILL CAP_AUDIT_WRITE";

const CAPABILITY_CASES: [name: string, hostConfig: HostConfig, capabilities: string][] = [
  ["by default", {}, DEFAULT_CAPABILITIES],
  ["added", { CapAdd: ["sys_time", "CAP_CHOWN"] }, `${DEFAULT_CAPABILITIES} CAP_SYS_TIME`],
  ["dropped", { CapDrop: ["cap_mknod", "Kill"] }, DEFAULT_CAPABILITIES.replace("CAP_MKNOD ", "").replace("CAP_KILL ", "")],
  ["all dropped but", { CapDrop: ["all"], CapAdd: ["NET_ADMIN"] }, "CAP_NET_ADMIN"],
  ["none", { CapDrop: ["ALL"] }, ""],
  ["all but", { CapAdd: ["ALL"], CapDrop: ["SYS_ADMIN"] }, CAPABILITIES.filter((name) => name !== "CAP_SYS_ADMIN").join(" ")],
  ["privileged, whatever is dropped", { Privileged: true, CapDrop: ["ALL"] }, CAPABILITIES.join(" ")],
];
for (const [name, hostConfig, capabilities] of CAPABILITY_CASES) {
  test(`capabilities: ${name}`, () => {
    const found = specOf(hostConfig).process.capabilities;
    expect(found?.bounding.join(" ")).toBe(capabilities);
    expect(found?.effective).toEqual(found?.bounding ?? []);
    expect(found?.permitted).toEqual(found?.bounding ?? []);
  });
}

test("capabilities that do not exist, or not here", () => {
  expect(() => specOf({ CapAdd: ["foo"] })).toThrow('invalid CapAdd: unknown capability: "CAP_FOO"');
  expect(() => specOf({ CapDrop: ["CAP_FOO"] })).toThrow('invalid CapDrop: unknown capability: "CAP_FOO"');
  expect(() => specOf({ CapAdd: ["BPF"] }, {}, { capabilities: () => ["CAP_CHOWN"] })).toThrow("capability not supported by your kernel or not available in the current environment");
});

test("a privileged container: all devices, writable kernel file systems, nothing masked or filtered", () => {
  const spec = specOf({ Privileged: true, MaskedPaths: ["/proc/kcore"], ReadonlyPaths: ["/proc/sys"] });
  expect(spec.linux.devices?.map(({ path }) => path)).toEqual(["/dev/null", "/dev/fuse"]);
  expect(spec.linux.resources.devices.at(-1)).toEqual({ allow: true, access: "rwm" });
  expect(spec.linux.maskedPaths).toBeUndefined();
  expect(spec.linux.readonlyPaths).toBeUndefined();
  expect(spec.linux.seccomp).toBeUndefined();
  for (const path of ["/sys", "/sys/fs/cgroup"]) expect(spec.mounts.find(({ destination }) => destination === path)?.options).not.toContain("ro");
});

test("devices: nothing is allowed but the basic ones, those mapped, and those of the rules", () => {
  const { linux } = specOf({ Devices: [{ PathOnHost: "/dev/fuse", PathInContainer: "/dev/f", CgroupPermissions: "r" }, { PathOnHost: "/dev/snd" }], DeviceCgroupRules: ["c 7:* rmw", "a *:* r"] });
  expect(linux.devices?.map(({ path }) => path)).toEqual(["/dev/f", "/dev/snd/a", "/dev/snd/b"]);
  expect(linux.resources.devices[0]).toEqual({ allow: false, access: "rwm" });
  expect(linux.resources.devices.slice(-5)).toEqual([
    { allow: true, type: "c", major: 10, minor: 229, access: "r" },
    { allow: true, type: "c", major: 116, minor: 1, access: "rwm" },
    { allow: true, type: "c", major: 116, minor: 2, access: "rwm" },
    { allow: true, type: "c", major: 7, access: "rmw" },
    { allow: true, type: "a", access: "r" },
  ]);
});

test("devices that are not there, or none", () => {
  const custom = (path: string) => () => specOf({ Devices: [{ PathOnHost: path }] });
  expect(custom("/dev/nono")).toThrow('error gathering device information while adding custom device "/dev/nono": no such file or directory');
  expect(custom("/etc/passwd")).toThrow('error gathering device information while adding custom device "/etc/passwd": not a device node');
  expect(custom("")).toThrow('error gathering device information while adding custom device "": no such file or directory');
});

test("devices of drivers are refused, not left out", () => {
  const asked = (request: Partial<DeviceRequest>, more: HostConfig = {}) => () => specOf({ ...more, DeviceRequests: [{ Driver: "", Count: -1, ...request }] });
  expect(asked({ Capabilities: [["gpu"]] })).toThrow('could not select device driver "" with capabilities: [[gpu]]');
  expect(asked({ Driver: "nvidia", Capabilities: [["gpu", "x"], ["y"]] }, { Privileged: true })).toThrow('could not select device driver "nvidia" with capabilities: [[gpu x] [y]]');
  expect(asked({ Capabilities: null })).toThrow('could not select device driver "" with capabilities: []');
  expect(asked({ Driver: "cdi", DeviceIDs: ["vendor.com/gpu=0"] })).toThrow("CDI device injection failed: unresolvable CDI devices vendor.com/gpu=0");
  expect(asked({ Driver: "cdi" })).not.toThrow();
});

const RESOURCE_CASES: [name: string, hostConfig: HostConfig, resources: object][] = [
  ["none", {}, {}],
  ["memory", { Memory: 100, MemorySwap: -1, MemoryReservation: 50, MemorySwappiness: 0, OomKillDisable: true }, { memory: { limit: 100, swap: -1, reservation: 50, swappiness: 0, disableOOMKiller: true } }],
  ["a share of a CPU", { NanoCpus: 1_500_000_000 }, { cpu: { quota: 150_000, period: 100_000 } }],
  ["quota and set", { CpuQuota: 5000, CpuPeriod: 10_000, CpuShares: 512, CpusetCpus: "0-1", CpusetMems: "0" }, { cpu: { quota: 5000, period: 10_000, shares: 512, cpus: "0-1", mems: "0" } }],
  ["processes", { PidsLimit: 30 }, { pids: { limit: 30 } }],
  ["devices", { BlkioWeight: 300, BlkioDeviceReadBps: [{ Path: "/dev/vda", Rate: 5 }] }, { blockIO: { weight: 300, throttleReadBpsDevice: [{ major: 254, minor: 0, rate: 5 }] } }],
];
for (const [name, hostConfig, resources] of RESOURCE_CASES) {
  test(`limits: ${name}`, () => {
    const { devices: _, ...found } = specOf(hostConfig).linux.resources;
    expect(found).toEqual(resources);
  });
}

test("a limit for a device that is not there", () => {
  expect(() => specOf({ BlkioDeviceWriteIOps: [{ Path: "/dev/nono", Rate: 5 }] })).toThrow("stat /dev/nono: no such file or directory");
});

test("namespaces: own ones, the host's, others'", () => {
  const types = (more: Partial<SpecInput>) => specOf({}, more).linux.namespaces.map(({ type, path }) => (path === undefined ? type : `${type} ${path}`));
  expect(types({})).toEqual(["mount", "network /netns", "uts", "pid", "ipc"]);
  expect(types({ namespaces: { network: "host", pid: "host", ipc: "host", uts: "host", cgroup: "host" } })).toEqual(["mount"]);
  expect(types({ namespaces: { network: "private", pid: { path: "/p" }, ipc: { path: "/i" }, uts: "private", cgroup: "private" } })).toEqual(["mount", "network", "uts", "pid /p", "ipc /i", "cgroup"]);
});

test("names: not where they would be the host's", () => {
  const spec = specOf({}, { domainname: "d.example" });
  expect(spec.hostname).toBe("h");
  expect(spec.linux.sysctl?.["kernel.domainname"]).toBe("d.example");
  const shared = specOf({ NetworkMode: "host" }, { domainname: "d.example", namespaces: { network: "host", pid: "private", ipc: "private", uts: "host", cgroup: "host" } });
  expect(shared.hostname).toBeUndefined();
  expect(shared.linux.sysctl).toBeUndefined();
});

test("sysctls: low ports and ping in a network of its own, and the user's above all", () => {
  expect(specOf({ Sysctls: { "net.ipv4.ip_unprivileged_port_start": "80", "kernel.shmmax": "1" } }).linux.sysctl).toEqual({
    "net.ipv4.ip_unprivileged_port_start": "80", "net.ipv4.ping_group_range": "0 2147483647", "kernel.shmmax": "1",
  });
  expect(specOf({ NetworkMode: "container:x" }).linux.sysctl).toBeUndefined();
  expect(specOf({}, {}, { hasSysctl: () => false }).linux.sysctl).toBeUndefined();
});

test("the process: its groups, limits, terminal and privileges", () => {
  const { process } = specOf(
    { Ulimits: [{ Name: "nofile", Soft: 100, Hard: 200 }, { Name: "core", Soft: 0, Hard: -1 }], OomScoreAdj: 300, SecurityOpt: ["no-new-privileges:true"] },
    { user: { uid: 1, gid: 2, additionalGids: [5, 2] }, terminal: true, consoleSize: [24, 80], cwd: "" },
  );
  expect(process.user).toEqual({ uid: 1, gid: 2, additionalGids: [2, 5] });
  expect(process).toMatchObject({ terminal: true, consoleSize: { height: 24, width: 80 }, noNewPrivileges: true, oomScoreAdj: 300, cwd: "/" });
  // larger than what a number here can say exactly
  expect(JSON.stringify(process.rlimits)).toBe('[{"type":"RLIMIT_NOFILE","hard":200,"soft":100},{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":0}]');
});

test("init becomes process 1, unless processes are shared", () => {
  const spec = specOf({}, { initPath: "/usr/bin/tini" });
  expect(spec.process.args).toEqual(["/sbin/docker-init", "--", "sleep", "60"]);
  expect(spec.mounts).toContainEqual({ destination: "/sbin/docker-init", type: "bind", source: "/usr/bin/tini", options: ["bind", "ro"] });
  const shared = specOf({}, { initPath: "/usr/bin/tini", namespaces: { network: "host", pid: "host", ipc: "private", uts: "private", cgroup: "host" } });
  expect(shared.process.args).toEqual(["sleep", "60"]);
});

test("a read-only container", () => {
  const spec = specOf({ ReadonlyRootfs: true }, { files: { hosts: "/h.txt" } });
  expect(spec.root.readonly).toBe(true);
  expect(spec.mounts.at(-1)).toEqual({ destination: "/etc/hosts", type: "bind", source: "/h.txt", options: ["rbind", "ro", "rprivate"] });
  expect(spec.mounts.find(({ destination }) => destination === "/dev/shm")?.options).not.toContain("ro");
});

test("paths, annotations, cgroup and AppArmor as asked for", () => {
  const spec = specOf({ MaskedPaths: ["/m"], ReadonlyPaths: [], Annotations: { a: "b" }, CgroupParent: "/p/", SecurityOpt: ["apparmor=mine"] }, {}, { hasAppArmor: () => true });
  expect(spec.linux).toMatchObject({ maskedPaths: ["/m"], readonlyPaths: [], cgroupsPath: "/p/c1" });
  expect(spec.annotations).toEqual({ a: "b" });
  expect(spec.process.apparmorProfile).toBe("mine");
  expect(specOf({ SecurityOpt: ["apparmor=mine"] }).process.apparmorProfile).toBeUndefined();
});
