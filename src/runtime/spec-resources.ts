// Limits of a container: HostConfig → the OCI spec's resources. Pure but for `host`.
import { internal } from "../base/errors.ts";
import type { HostConfig } from "../wire/docker.ts";
import type { SpecBlockIo, SpecDeviceRule, SpecResources, SpecThrottle } from "./oci-spec.ts";
import type { SpecHost } from "./spec-host.ts";

const DEFAULT_PERIOD_US = 100_000;

export function specResources(hostConfig: HostConfig, devices: SpecDeviceRule[], host: SpecHost): SpecResources {
  const parts = { memory: memory(hostConfig), cpu: cpu(hostConfig), blockIO: blockIo(hostConfig, host) };
  const resources: SpecResources = { devices };
  for (const [name, part] of Object.entries(parts)) if (Object.keys(part).length > 0) Object.assign(resources, { [name]: part });
  const pids = hostConfig.PidsLimit ?? 0;
  if (pids !== 0) resources.pids = { limit: pids };
  return resources;
}

/** Without the members that are not set: 0 means so everywhere in a HostConfig. */
function set<T extends object>(members: T): Partial<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null && value !== 0 && value !== "" && value !== false)) as Partial<T>;
}

function memory(hostConfig: HostConfig): NonNullable<SpecResources["memory"]> {
  const limits: NonNullable<SpecResources["memory"]> = set({
    limit: hostConfig.Memory ?? 0,
    reservation: hostConfig.MemoryReservation ?? 0,
    swap: hostConfig.MemorySwap ?? 0,
    kernelTCP: hostConfig.KernelMemoryTCP ?? 0,
    disableOOMKiller: hostConfig.OomKillDisable ?? false,
  });
  const swappiness = hostConfig.MemorySwappiness;
  // here 0 is a wish: do not swap
  if (swappiness !== null && swappiness !== undefined && swappiness >= 0) limits.swappiness = swappiness;
  return limits;
}

function cpu(hostConfig: HostConfig): NonNullable<SpecResources["cpu"]> {
  const nano = hostConfig.NanoCpus ?? 0;
  const time = nano > 0 ? { quota: Math.trunc((nano * DEFAULT_PERIOD_US) / 1e9), period: DEFAULT_PERIOD_US } : { quota: hostConfig.CpuQuota ?? 0, period: hostConfig.CpuPeriod ?? 0 };
  return set({
    shares: hostConfig.CpuShares ?? 0,
    ...time,
    realtimeRuntime: hostConfig.CpuRealtimeRuntime ?? 0,
    realtimePeriod: hostConfig.CpuRealtimePeriod ?? 0,
    cpus: hostConfig.CpusetCpus ?? "",
    mems: hostConfig.CpusetMems ?? "",
  });
}

function blockIo(hostConfig: HostConfig, host: SpecHost): SpecBlockIo {
  const throttles = (list: HostConfig["BlkioDeviceReadBps"]): SpecThrottle[] => (list ?? []).map(({ Path, Rate }) => ({ ...numbersOf(Path, host), rate: Rate }));
  const io: Required<SpecBlockIo> = {
    weight: hostConfig.BlkioWeight ?? 0,
    weightDevice: (hostConfig.BlkioWeightDevice ?? []).map(({ Path, Weight }) => ({ ...numbersOf(Path, host), weight: Weight })),
    throttleReadBpsDevice: throttles(hostConfig.BlkioDeviceReadBps),
    throttleWriteBpsDevice: throttles(hostConfig.BlkioDeviceWriteBps),
    throttleReadIOPSDevice: throttles(hostConfig.BlkioDeviceReadIOps),
    throttleWriteIOPSDevice: throttles(hostConfig.BlkioDeviceWriteIOps),
  };
  return Object.fromEntries(Object.entries(io).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : value !== 0)));
}

function numbersOf(path: string, host: SpecHost): { major: number; minor: number } {
  const numbers = host.deviceNumber(path);
  if (numbers === undefined) throw internal(`stat ${path}: no such file or directory`);
  return numbers;
}
