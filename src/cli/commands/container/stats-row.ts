// One line of `stats`: from the daemon's counters to percentages and sizes. Pure.
import type { Listing } from "../../format.ts";
import { shortId } from "../../short-id.ts";
import { Row } from "../../template/value.ts";
import { binarySize, humanSize } from "../../units.ts";

interface CpuStats {
  cpu_usage?: { total_usage?: number; percpu_usage?: number[] | null };
  system_cpu_usage?: number;
  online_cpus?: number;
}

export interface StatsSample {
  id?: string;
  name?: string;
  cpu_stats?: CpuStats;
  precpu_stats?: CpuStats;
  memory_stats?: { usage?: number; limit?: number; stats?: Record<string, number> };
  networks?: Record<string, { rx_bytes: number; tx_bytes: number }>;
  blkio_stats?: { io_service_bytes_recursive?: { op: string; value: number }[] | null };
  pids_stats?: { current?: number };
}

export interface Measure {
  readonly container: string;
  readonly name?: string;
  readonly id?: string;
  readonly cpuPercent?: number;
  readonly memoryBytes?: number;
  readonly memoryLimitBytes?: number;
  readonly networkBytes?: readonly [number, number];
  readonly blockBytes?: readonly [number, number];
  readonly processes?: number;
}

export const statsListing: Listing = {
  headers: {
    Container: "CONTAINER", Name: "NAME", ID: "CONTAINER ID", CPUPerc: "CPU %", MemUsage: "MEM USAGE / LIMIT", MemPerc: "MEM %", NetIO: "NET I/O", BlockIO: "BLOCK I/O", PIDs: "PIDS",
  },
  table: "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}",
};

export function measure(container: string, sample: StatsSample): Measure {
  const block = (operation: string) =>
    (sample.blkio_stats?.io_service_bytes_recursive ?? []).filter((entry) => entry.op.toLowerCase().startsWith(operation)).reduce((sum, entry) => sum + entry.value, 0);
  const network = (key: "rx_bytes" | "tx_bytes") => Object.values(sample.networks ?? {}).reduce((sum, entry) => sum + entry[key], 0);
  return {
    container,
    name: (sample.name ?? "").replace(/^\//, ""),
    id: sample.id ?? "",
    cpuPercent: cpuPercent(sample),
    memoryBytes: memoryWithoutCache(sample),
    memoryLimitBytes: sample.memory_stats?.limit ?? 0,
    networkBytes: [network("rx_bytes"), network("tx_bytes")],
    blockBytes: [block("r"), block("w")],
    processes: sample.pids_stats?.current ?? 0,
  };
}

function cpuPercent({ cpu_stats: now = {}, precpu_stats: before = {} }: StatsSample): number {
  const used = (now.cpu_usage?.total_usage ?? 0) - (before.cpu_usage?.total_usage ?? 0);
  const system = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  const cpus = now.online_cpus || (now.cpu_usage?.percpu_usage ?? []).length;
  return system > 0 && used > 0 ? (used / system) * cpus * 100 : 0;
}

/** The page cache that could be dropped at once is not counted. */
function memoryWithoutCache({ memory_stats: memory = {} }: StatsSample): number {
  const usage = memory.usage ?? 0;
  for (const key of ["total_inactive_file", "inactive_file"]) {
    const cache = memory.stats?.[key];
    if (cache !== undefined && cache < usage) return usage - cache;
  }
  return usage;
}

export function statsRow(value: Measure, truncate: boolean): Row {
  const known = value.name !== undefined;
  const { memoryBytes = 0, memoryLimitBytes = 0 } = value;
  return new Row("*container.statsContext", {
    Container: () => value.container,
    Name: () => value.name || "--",
    ID: () => (value.id ? (truncate ? shortId(value.id) : value.id) : "--"),
    CPUPerc: () => (known ? percent(value.cpuPercent ?? 0) : "--"),
    MemUsage: () => (known ? `${binarySize(memoryBytes)} / ${binarySize(memoryLimitBytes)}` : "-- / --"),
    MemPerc: () => (known ? percent(memoryLimitBytes > 0 ? (memoryBytes / memoryLimitBytes) * 100 : 0) : "--"),
    NetIO: () => (known ? pair(value.networkBytes) : "--"),
    BlockIO: () => (known ? pair(value.blockBytes) : "--"),
    PIDs: () => (known ? String(value.processes ?? 0) : "--"),
  });
}

const percent = (number: number) => `${number.toFixed(2)}%`;

const pair = ([left, right]: readonly [number, number] = [0, 0]) => `${humanSize(left, 3)} / ${humanSize(right, 3)}`;
