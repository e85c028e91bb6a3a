// Resource limits: checked, completed and, where the kernel lacks something, discarded with Docker's warnings. Pure.
import { invalid } from "../../base/errors.ts";
import type { HostConfig } from "../../wire/docker.ts";
import type { KernelFacts } from "./kernel-facts.ts";

const MIN_MEMORY = 6 * 1024 * 1024;

export interface Checked {
  host: HostConfig;
  warnings: string[];
}

/** `isUpdate`: the limits that are not given are those of before. */
export function checkResources(given: HostConfig, facts: KernelFacts, isUpdate = false): Checked {
  const host = { ...given };
  const warnings: string[] = [];
  checkMemory(host, facts, warnings, isUpdate);
  checkCpu(host, facts);
  checkRealtime(host);
  checkSets(host, facts);
  checkBlockIo(host, facts, warnings);
  checkOom(host, facts, warnings);
  if ((host.ShmSize ?? 0) < 0) throw invalid("SHM size can not be less than 0");
  if (host.PidsLimit !== null && host.PidsLimit !== undefined && host.PidsLimit <= 0 && !isUpdate) host.PidsLimit = null;
  if ((host.CpuPercent ?? 0) > 0) {
    warnings.push("linux does not support CPU percent. Percent discarded.");
    host.CpuPercent = 0;
  }
  return { host, warnings };
}

function checkMemory(host: HostConfig, facts: KernelFacts, warnings: string[], isUpdate: boolean): void {
  const { Memory = 0, MemorySwap = 0, MemoryReservation = 0 } = host;
  if (Memory !== 0 && Memory < MIN_MEMORY) throw invalid("Minimum memory limit allowed is 6MB");
  if (Memory > 0 && MemorySwap > 0 && MemorySwap < Memory) throw invalid("Minimum memoryswap limit should be larger than memory limit, see usage");
  if (Memory === 0 && MemorySwap > 0 && !isUpdate) throw invalid("You should always set the Memory limit when using Memoryswap limit, see usage");
  if (MemoryReservation > 0 && MemoryReservation < MIN_MEMORY) throw invalid("Minimum memory reservation allowed is 6MB");
  if (Memory > 0 && MemoryReservation > 0 && Memory < MemoryReservation) throw invalid("Minimum memory limit can not be less than memory reservation limit, see usage");
  const swappiness = host.MemorySwappiness;
  if (swappiness !== null && swappiness !== undefined) {
    if (swappiness === -1) host.MemorySwappiness = null;
    else if (swappiness < 0 || swappiness > 100) throw invalid(`Invalid value: ${swappiness}, valid memory swappiness range is 0-100`);
    else if (!facts.hasControl("memory", "memory.swappiness") || facts.cgroupVersion === 2) {
      warnings.push("Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.");
      host.MemorySwappiness = null;
    }
  }
  if (Memory > 0 && MemorySwap === 0 && !isUpdate) host.MemorySwap = 2 * Memory;
}

function checkCpu(host: HostConfig, facts: KernelFacts): void {
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0, CpuShares = 0 } = host;
  if (NanoCpus !== 0) {
    if (CpuPeriod > 0) throw invalid("Conflicting options: Nano CPUs and CPU Period cannot both be set");
    if (CpuQuota > 0) throw invalid("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
    if (NanoCpus < 0 || NanoCpus > facts.cpuCount * 1e9) {
      throw invalid(`range of CPUs is from 0.01 to ${facts.cpuCount.toFixed(2)}, as there are only ${facts.cpuCount} CPUs available`);
    }
  }
  if (CpuShares < 0) throw invalid(`invalid CPU shares (${CpuShares}): value must be a positive integer`);
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000)) throw invalid("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
  if (CpuQuota > 0 && CpuQuota < 1000) throw invalid("CPU cfs quota can not be less than 1ms (i.e. 1000)");
}

function checkRealtime({ CpuRealtimePeriod: period = 0, CpuRealtimeRuntime: runtime = 0 }: HostConfig): void {
  if (period !== 0 && runtime > period) throw invalid("cpu real-time runtime cannot be higher than cpu real-time period");
}

function checkSets(host: HostConfig, facts: KernelFacts): void {
  if ((host.CpusetCpus ?? "") !== "") {
    const wanted = parseSet(host.CpusetCpus ?? "", "cpus");
    if (!isSubset(wanted, parseSet(facts.onlineCpus, "cpus"))) throw invalid(`Requested CPUs are not available - requested ${host.CpusetCpus}, available: ${facts.onlineCpus}`);
  }
  if ((host.CpusetMems ?? "") !== "") {
    const wanted = parseSet(host.CpusetMems ?? "", "mems");
    if (!isSubset(wanted, parseSet(facts.onlineNodes, "mems"))) throw invalid(`Requested memory nodes are not available - requested ${host.CpusetMems}, available: ${facts.onlineNodes}`);
  }
}

const MAX_SET_MEMBER = 8191;

function parseSet(text: string, kind: "cpus" | "mems"): Set<number> {
  const fail = (part: string): never => {
    throw invalid(`Invalid value ${text} for cpuset ${kind}: invalid format: ${part}`);
  };
  const set = new Set<number>();
  for (const part of text.split(",")) {
    const range = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    if (range === null) return fail(part);
    const [first, last] = [Number(range[1]), Number(range[2] ?? range[1])];
    if (last < first || last > MAX_SET_MEMBER) return fail(part);
    for (let member = first; member <= last; member++) set.add(member);
  }
  return set;
}

function isSubset(some: ReadonlySet<number>, all: ReadonlySet<number>): boolean {
  return [...some].every((member) => all.has(member));
}

function checkBlockIo(host: HostConfig, facts: KernelFacts, warnings: string[]): void {
  const hasWeight = facts.cgroupVersion === 1 ? facts.hasControl("blkio", "blkio.weight") : facts.hasControl("io", "io.weight");
  const weight = host.BlkioWeight ?? 0;
  if (weight > 0 && !hasWeight) {
    warnings.push("Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.");
    host.BlkioWeight = 0;
  } else if (weight > 0 && (weight < 10 || weight > 1000)) {
    throw invalid("Range of blkio weight is from 10 to 1000");
  }
  if ((host.BlkioWeightDevice?.length ?? 0) > 0 && !hasWeight) {
    warnings.push("Your kernel does not support Block I/O weight_device or the cgroup is not mounted. Weight-device discarded.");
    host.BlkioWeightDevice = [];
  }
}

function checkOom(host: HostConfig, facts: KernelFacts, warnings: string[]): void {
  const adjust = host.OomScoreAdj ?? 0;
  if (adjust < -1000 || adjust > 1000) throw invalid(`Invalid value ${adjust}, range for oom score adj is [-1000, 1000]`);
  if (facts.cgroupVersion === 2) {
    if (host.OomKillDisable === true) warnings.push("Your kernel does not support OomKillDisable. OomKillDisable discarded.");
    host.OomKillDisable = null;
  } else if (host.OomKillDisable === true && (host.Memory ?? 0) === 0) {
    warnings.push("OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.");
  }
}
