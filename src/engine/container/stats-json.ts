// A sample of a container's use of the machine, as the API shows it. Pure.
import type { TaskStats } from "../../runtime/runtime.ts";

export interface CpuStats {
  cpu_usage: { total_usage: number; percpu_usage?: number[]; usage_in_kernelmode: number; usage_in_usermode: number };
  system_cpu_usage?: number;
  online_cpus?: number;
  throttling_data: { periods: number; throttled_periods: number; throttled_time: number };
}

export interface StatsSample {
  read: string;
  stats?: TaskStats;
  /** All the machine's processors together, ns. */
  systemCpuNs: number;
  onlineCpus: number;
  networks?: Record<string, Record<string, number>>;
}

export const NO_CPU: CpuStats = { cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 }, throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 } };

export function cpuStats({ stats, systemCpuNs, onlineCpus }: StatsSample): CpuStats {
  if (stats === undefined) return NO_CPU;
  const { cpu } = stats;
  return {
    cpu_usage: { total_usage: cpu.totalNs, ...(cpu.perCpuNs === undefined ? {} : { percpu_usage: cpu.perCpuNs }), usage_in_kernelmode: cpu.kernelNs, usage_in_usermode: cpu.userNs },
    system_cpu_usage: systemCpuNs,
    online_cpus: onlineCpus,
    throttling_data: { periods: cpu.periods, throttled_periods: cpu.throttledPeriods, throttled_time: cpu.throttledNs },
  };
}

export function statsJson(row: { id: string; name: string }, sample: StatsSample, before: StatsSample | undefined, hostMemoryBytes: number): object {
  const { stats } = sample;
  return {
    name: `/${row.name}`,
    id: row.id,
    read: sample.read,
    preread: before?.read ?? "0001-01-01T00:00:00Z",
    pids_stats: stats === undefined ? {} : { current: stats.pids.current, ...(stats.pids.limit > 0 ? { limit: stats.pids.limit } : {}) },
    blkio_stats: blockIo(stats),
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpuStats(sample),
    precpu_stats: before === undefined ? NO_CPU : cpuStats(before),
    memory_stats: memory(stats, hostMemoryBytes),
    ...(sample.networks === undefined ? {} : { networks: sample.networks }),
  };
}

function blockIo(stats: TaskStats | undefined): Record<string, object[] | null> {
  const entries = stats?.blkio ?? [];
  const list = (of: "bytes" | "ops"): object[] | null => (entries.length === 0 ? null : entries.map((entry) => ({ major: entry.major, minor: entry.minor, op: entry.op, value: entry[of] })));
  return {
    io_service_bytes_recursive: list("bytes"),
    io_serviced_recursive: stats?.cgroupVersion === 1 ? list("ops") : null,
    io_queue_recursive: null,
    io_service_time_recursive: null,
    io_wait_time_recursive: null,
    io_merged_recursive: null,
    io_time_recursive: null,
    sectors_recursive: null,
  };
}

/** Without a limit the machine's memory is the limit. */
function memory(stats: TaskStats | undefined, hostMemoryBytes: number): object {
  if (stats === undefined) return {};
  const { usage, maxUsage, limit, stats: details, failcnt } = stats.memory;
  return {
    usage,
    ...(maxUsage === undefined ? {} : { max_usage: maxUsage }),
    stats: details,
    ...(failcnt === undefined || failcnt === 0 ? {} : { failcnt }),
    limit: limit > 0 && limit < hostMemoryBytes ? limit : hostMemoryBytes,
  };
}
