// A HostConfig as it is kept: checked and completed as Docker does, and as the API shows it.
import type { Config } from "../../config.ts";
import type { HostConfig } from "../../wire/docker.ts";
import { checkCapabilities, checkExtraHosts, checkModes, checkPortBindings, checkRestartPolicy, checkSecurityOptions, checkStorageOptions } from "./check-modes.ts";
import { type Checked, checkResources } from "./check-resources.ts";
import { invalid } from "../../base/errors.ts";
import type { KernelFacts } from "./kernel-facts.ts";
import { checkLogConfig, completeLogConfig } from "./log-config.ts";

const MASKED_PATHS = [
  "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
  "/sys/firmware", "/sys/devices/virtual/powercap",
];
const READONLY_PATHS = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

export interface HostFacts {
  kernel: KernelFacts;
  defaultRuntime: string;
  hasRuntime(name: string): boolean;
  config: Pick<Config, "logDriver" | "logOptions" | "defaultShmSizeBytes">;
}

export function completeHostConfig(given: HostConfig, facts: HostFacts): Checked {
  checkRestartPolicy(given);
  checkModes(given);
  checkExtraHosts(given);
  checkPortBindings(given);
  checkCapabilities(given);
  checkSecurityOptions(given.SecurityOpt ?? []);
  checkStorageOptions(given);
  const { host, warnings } = checkResources(given, facts.kernel);
  const runtime = host.Runtime || facts.defaultRuntime;
  if (!facts.hasRuntime(runtime)) throw invalid(`unknown or invalid runtime name: ${runtime}`);
  const log = completeLogConfig(host.LogConfig, facts.config);
  checkLogConfig(log);
  const isPrivileged = host.Privileged === true;
  if (host.NetworkMode === "host" && (Object.keys(host.PortBindings ?? {}).length > 0 || host.PublishAllPorts === true)) {
    warnings.push("Published ports are discarded when using host network mode");
  }
  const complete: HostConfig = {
    ...host,
    LogConfig: log,
    NetworkMode: ["", "default"].includes(host.NetworkMode ?? "") ? "bridge" : (host.NetworkMode ?? ""),
    RestartPolicy: { Name: host.RestartPolicy?.Name || "no", MaximumRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0 },
    IpcMode: host.IpcMode || "private",
    CgroupnsMode: host.CgroupnsMode || (facts.kernel.cgroupVersion === 2 ? "private" : "host"),
    ShmSize: host.ShmSize || facts.config.defaultShmSizeBytes,
    Runtime: runtime,
    MaskedPaths: isPrivileged ? null : (host.MaskedPaths ?? MASKED_PATHS),
    ReadonlyPaths: isPrivileged ? null : (host.ReadonlyPaths ?? READONLY_PATHS),
  };
  if (facts.kernel.cgroupVersion === 1) complete.OomKillDisable ??= false;
  if (isPrivileged && !(host.SecurityOpt ?? []).includes("label=disable")) complete.SecurityOpt = [...(host.SecurityOpt ?? []), "label=disable"];
  if (host.PortBindings !== null && host.PortBindings !== undefined) complete.PortBindings = completeBindings(host.PortBindings);
  return { host: complete, warnings };
}

/** "80" is "80/tcp"; a port without a binding gets one of its own choice. */
function completeBindings(bindings: NonNullable<HostConfig["PortBindings"]>): NonNullable<HostConfig["PortBindings"]> {
  return Object.fromEntries(
    Object.entries(bindings).map(([key, list]) => [key.includes("/") ? key.toLowerCase() : `${key}/tcp`, list === null ? null : list.map(({ HostIp = "", HostPort = "" }) => ({ HostIp, HostPort }))]),
  );
}

/** Every member that the API always shows, in its order; the others are shown only where they are set. */
const SHAPE: HostConfig = {
  Binds: null, ContainerIDFile: "", LogConfig: { Type: "", Config: {} }, NetworkMode: "", PortBindings: null, RestartPolicy: { Name: "no", MaximumRetryCount: 0 }, AutoRemove: false,
  VolumeDriver: "", VolumesFrom: null, ConsoleSize: [0, 0], CapAdd: null, CapDrop: null, CgroupnsMode: "", Dns: null, DnsOptions: null, DnsSearch: null, ExtraHosts: null, GroupAdd: null,
  IpcMode: "", Cgroup: "", Links: null, OomScoreAdj: 0, PidMode: "", Privileged: false, PublishAllPorts: false, ReadonlyRootfs: false, SecurityOpt: null, UTSMode: "", UsernsMode: "",
  ShmSize: 0, Runtime: "", Isolation: "", CpuShares: 0, Memory: 0, NanoCpus: 0, CgroupParent: "", BlkioWeight: 0, BlkioWeightDevice: null, BlkioDeviceReadBps: null,
  BlkioDeviceWriteBps: null, BlkioDeviceReadIOps: null, BlkioDeviceWriteIOps: null, CpuPeriod: 0, CpuQuota: 0, CpuRealtimePeriod: 0, CpuRealtimeRuntime: 0, CpusetCpus: "", CpusetMems: "",
  Devices: null, DeviceCgroupRules: null, DeviceRequests: null, MemoryReservation: 0, MemorySwap: 0, MemorySwappiness: null, OomKillDisable: null, PidsLimit: null, Ulimits: null,
  CpuCount: 0, CpuPercent: 0, IOMaximumIOps: 0, IOMaximumBandwidth: 0, MaskedPaths: null, ReadonlyPaths: null,
};

/** Members left out when empty. */
const OPTIONAL = ["Annotations", "StorageOpt", "Tmpfs", "Sysctls", "Mounts"] as const;

export function shownHostConfig(host: HostConfig): HostConfig {
  const shown: HostConfig = { ...SHAPE };
  for (const key of Object.keys(SHAPE) as (keyof HostConfig)[]) if (host[key] !== undefined) Object.assign(shown, { [key]: host[key] });
  for (const key of OPTIONAL) if (Object.keys(host[key] ?? {}).length > 0) Object.assign(shown, { [key]: host[key] });
  if (host.Init !== null && host.Init !== undefined) shown.Init = host.Init;
  return shown;
}
