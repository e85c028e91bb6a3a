// Limits and devices among the flags of `run` and `create` → their part of the host configuration.
import type { DeviceRequest, HostConfig } from "../../wire/docker.ts";
import { failure } from "../failure.ts";
import type { FlagValues } from "../flags.ts";
import { parseCpus, parseRamBytes } from "../units.ts";
import { parseDeviceRate, parseWeightDevice } from "./blkio.ts";
import { isCdiName, parseDevice } from "./device.ts";
import { parseGpus } from "./gpus.ts";
import { parseUlimit } from "./ulimit.ts";

export function resourcesOf(flags: FlagValues): HostConfig {
  const swappiness = flags.number("memory-swappiness");
  if (swappiness !== -1 && (swappiness < 0 || swappiness > 100)) throw failure(`invalid value: ${swappiness}. Valid memory swappiness range is 0-100`);
  const size = (name: string) => (flags.has(name) ? parseRamBytes(flags.text(name)) : 0);
  const list = <T>(name: string, parse: (text: string) => T): T[] => flags.list(name).map(parse);
  const devices = flags.list("device");
  return {
    CpuShares: flags.number("cpu-shares"),
    Memory: size("memory"),
    NanoCpus: flags.has("cpus") ? parseCpus(flags.text("cpus")) : 0,
    CgroupParent: flags.text("cgroup-parent"),
    BlkioWeight: flags.number("blkio-weight"),
    BlkioWeightDevice: list("blkio-weight-device", parseWeightDevice),
    BlkioDeviceReadBps: list("device-read-bps", (text) => parseDeviceRate(text, "bps")),
    BlkioDeviceWriteBps: list("device-write-bps", (text) => parseDeviceRate(text, "bps")),
    BlkioDeviceReadIOps: list("device-read-iops", (text) => parseDeviceRate(text, "iops")),
    BlkioDeviceWriteIOps: list("device-write-iops", (text) => parseDeviceRate(text, "iops")),
    CpuPeriod: flags.number("cpu-period"),
    CpuQuota: flags.number("cpu-quota"),
    CpuRealtimePeriod: flags.number("cpu-rt-period"),
    CpuRealtimeRuntime: flags.number("cpu-rt-runtime"),
    CpusetCpus: flags.text("cpuset-cpus"),
    CpusetMems: flags.text("cpuset-mems"),
    Devices: devices.filter((device) => !isCdiName(device)).map(parseDevice),
    DeviceCgroupRules: flags.list("device-cgroup-rule").length > 0 ? [...flags.list("device-cgroup-rule")] : null,
    DeviceRequests: deviceRequests(flags),
    MemoryReservation: size("memory-reservation"),
    MemorySwap: size("memory-swap"),
    MemorySwappiness: swappiness,
    OomKillDisable: flags.bool("oom-kill-disable"),
    PidsLimit: flags.number("pids-limit"),
    Ulimits: list("ulimit", parseUlimit).toSorted((a, b) => (a.Name! < b.Name! ? -1 : 1)),
    CpuCount: flags.number("cpu-count"),
    CpuPercent: flags.number("cpu-percent"),
    IOMaximumIOps: flags.number("io-maxiops"),
    IOMaximumBandwidth: size("io-maxbandwidth"),
  };
}

function deviceRequests(flags: FlagValues): DeviceRequest[] | null {
  const names = flags.list("device").filter(isCdiName);
  const requests = flags.list("gpus").map(parseGpus);
  if (names.length > 0) requests.push({ Driver: "cdi", Count: 0, DeviceIDs: names, Capabilities: null, Options: null });
  return requests.length > 0 ? requests : null;
}
