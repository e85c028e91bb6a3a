// GET /info
import { randomUUID } from "node:crypto";
import { cpus, hostname, machine, release, totalmem } from "node:os";
import { BERTH_VERSION, type Config } from "../../config.ts";
import type { Engine } from "../engine.ts";
import { backingFilesystem, controllers, openFiles, operatingSystem, readOr, securityOptions } from "./host.ts";

const ID_SETTING = "engine.id";

export function systemInfo(engine: Pick<Engine, "store" | "runtime" | "config" | "clock">): object {
  const { config, runtime } = engine;
  return {
    ID: engineId(engine),
    ...counts(engine),
    Driver: "overlay2",
    DriverStatus: [
      ["Backing Filesystem", backingFilesystem(config.root)],
      ["Supports d_type", "true"],
      ["Using metacopy", "false"],
      ["Native Overlay Diff", "true"],
      ["userxattr", "false"],
    ],
    Plugins: { Volume: ["local"], Network: ["bridge", "host", "null"], Authorization: null, Log: ["json-file", "none"] },
    ...limits(runtime.cgroupVersion),
    IPv4Forwarding: readOr("/proc/sys/net/ipv4/ip_forward").trim() === "1",
    Debug: config.debug,
    NFd: openFiles(),
    NGoroutines: 0,
    SystemTime: engine.clock.nowRfc3339(),
    LoggingDriver: config.logDriver,
    CgroupDriver: runtime.cgroupDriver,
    CgroupVersion: String(runtime.cgroupVersion),
    NEventsListener: 0,
    KernelVersion: release(),
    OperatingSystem: operatingSystem(),
    OSVersion: /^VERSION_ID="?([^"\n]*)"?$/m.exec(readOr("/etc/os-release"))?.[1] ?? "",
    OSType: "linux",
    Architecture: machine(),
    IndexServerAddress: "https://index.docker.io/v1/",
    RegistryConfig: registryConfig(config),
    NCPU: cpus().length,
    MemTotal: totalmem(),
    GenericResources: null,
    DockerRootDir: config.root,
    HttpProxy: maskPassword(config.httpProxy),
    HttpsProxy: maskPassword(config.httpsProxy),
    NoProxy: config.noProxy,
    Name: hostname(),
    Labels: [...config.labels],
    ExperimentalBuild: false,
    ServerVersion: BERTH_VERSION,
    ...runtimes(engine),
    Swarm: { NodeID: "", NodeAddr: "", LocalNodeState: "inactive", ControlAvailable: false, Error: "", RemoteManagers: null },
    // containers go on without the daemon, always
    LiveRestoreEnabled: true,
    Isolation: "",
    InitBinary: config.initPath ?? "",
    InitCommit: { ID: "" },
    SecurityOptions: securityOptions(runtime.cgroupVersion),
    FirewallBackend: { Driver: "nftables" },
    CDISpecDirs: [],
    Warnings: null,
  };
}

/** Made once per data root. */
function engineId(engine: Pick<Engine, "store">): string {
  const known = engine.store.view((tx) => tx.setting(ID_SETTING));
  if (known !== undefined) return known;
  const id = randomUUID();
  engine.store.update((tx) => tx.setSetting(ID_SETTING, id));
  return id;
}

function counts(engine: Pick<Engine, "store">): object {
  return engine.store.view((tx) => {
    const states = tx.containers.list().map((row) => row.state);
    const running = states.filter((state) => state.Running && !state.Paused).length;
    const paused = states.filter((state) => state.Paused).length;
    return { Containers: states.length, ContainersRunning: running, ContainersPaused: paused, ContainersStopped: states.length - running - paused, Images: tx.images.size };
  });
}

function limits(cgroupVersion: 1 | 2): object {
  const has = controllers(cgroupVersion);
  return {
    MemoryLimit: has.memory,
    SwapLimit: has.swap,
    ...(cgroupVersion === 1 ? { KernelMemoryTCP: has.memory } : {}),
    CpuCfsPeriod: has.cpu,
    CpuCfsQuota: has.cpu,
    CPUShares: has.cpu,
    CPUSet: has.cpuset,
    PidsLimit: has.pids,
    OomKillDisable: cgroupVersion === 1 && has.memory,
  };
}

/** As Docker: neither user nor password is shown. */
function maskPassword(proxy: string): string {
  return proxy.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/]*@/i, "$1xxxxx:xxxxx@");
}

function registryConfig(config: Config): object {
  const mirrors = config.registryMirrors.map((mirror) => (mirror.endsWith("/") ? mirror : `${mirror}/`));
  const insecure = config.insecureRegistries.filter((name) => !isSubnet(name)).map((name) => [name, { Mirrors: [], Name: name, Official: false, Secure: false }]);
  return {
    IndexConfigs: { "docker.io": { Mirrors: mirrors, Name: "docker.io", Official: true, Secure: true }, ...Object.fromEntries(insecure) },
    InsecureRegistryCIDRs: ["::1/128", "127.0.0.0/8", ...config.insecureRegistries.filter(isSubnet)],
    Mirrors: mirrors.length === 0 ? null : mirrors,
  };
}

function runtimes(engine: Pick<Engine, "runtime">): object {
  const { runtime } = engine;
  return {
    Runtimes: Object.fromEntries(Object.entries(runtime.runtimes).map(([name, { path }]) => [name, { path }])),
    DefaultRuntime: runtime.defaultName,
    ContainerdCommit: { ID: "" },
    RuncCommit: { ID: runtime.runtimes[runtime.defaultName]?.version ?? "" },
    Containerd: { Address: "", Namespaces: { Containers: "berth", Plugins: "" } },
  };
}

function isSubnet(text: string): boolean {
  return /\/\d+$/.test(text);
}
