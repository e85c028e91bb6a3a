// Control groups of containers, version 1, both versions mixed, or 2: what they measure, what runs in them, taking them away.
import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface CgroupStats {
  cpu: { totalNs: number; userNs: number; kernelNs: number; perCpuNs?: number[]; periods: number; throttledPeriods: number; throttledNs: number };
  memory: { usage: number; maxUsage?: number; limit: number; stats: Record<string, number>; failcnt?: number };
  pids: { current: number; limit: number };
  blkio: { op: string; major: number; minor: number; bytes: number; ops: number }[];
}

export interface Cgroups {
  readonly version: 1 | 2;
  /** `path` as in a spec's cgroupsPath. */
  stats(path: string): CgroupStats;
  /** Whether the kernel has killed in it for want of memory. */
  wasOomKilled(path: string): boolean;
  pids(path: string): number[];
  /** SIGKILL to everything in it, then the directories; idempotent. */
  remove(path: string): Promise<void>;
  /** Takes a parent's directories away where they are empty. */
  tidy(path: string): void;
  /** Makes the kernel ready to move a process, without moving any: its first move after a rest waits some 8 ms for a grace period of RCU. */
  wake(): Promise<void>;
}

const NO_LIMIT = 9_223_372_036_854_771_712;
const TICK_NS = 10_000_000;

export function openCgroups(): Cgroups {
  const mounts = cgroupMounts();
  return mounts.unifiedOnly === undefined ? cgroupsV1(mounts.controllers, mounts.all) : cgroupsV2(mounts.unifiedOnly);
}

interface Mounts {
  /** Set where version 2 is the only one with controllers. */
  unifiedOnly?: string;
  controllers: ReadonlyMap<string, string>;
  all: readonly string[];
}

function cgroupMounts(): Mounts {
  const controllers = new Map<string, string>();
  const all: string[] = [];
  let unified: string | undefined;
  for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
    const [before, after] = line.split(" - ");
    const path = before?.split(" ")[4];
    const [type, , options = ""] = after?.split(" ") ?? [];
    if (path === undefined) continue;
    if (type === "cgroup2") unified ??= path;
    if (type !== "cgroup" && type !== "cgroup2") continue;
    all.push(path);
    if (type === "cgroup") for (const option of options.split(",")) controllers.set(option, path);
  }
  const isUnified = unified !== undefined && !controllers.has("memory") && !controllers.has("pids");
  return { controllers, all, ...(isUnified && unified !== undefined ? { unifiedOnly: unified } : {}) };
}

function cgroupsV1(controllers: ReadonlyMap<string, string>, all: readonly string[]): Cgroups {
  const read = (controller: string, path: string, file: string): string => readOr(join(controllers.get(controller) ?? "/nonexistent", path, file));
  const number = (controller: string, path: string, file: string): number => Number(read(controller, path, file).trim() || 0);
  return {
    version: 1,
    stats(path) {
      const ticks = keyed(read("cpuacct", path, "cpuacct.stat"));
      const throttling = keyed(read("cpu", path, "cpu.stat"));
      const perCpuNs = read("cpuacct", path, "cpuacct.usage_percpu").trim().split(/\s+/).filter((text) => text !== "").map(Number);
      return {
        cpu: {
          totalNs: number("cpuacct", path, "cpuacct.usage"),
          userNs: (ticks["user"] ?? 0) * TICK_NS,
          kernelNs: (ticks["system"] ?? 0) * TICK_NS,
          perCpuNs,
          periods: throttling["nr_periods"] ?? 0,
          throttledPeriods: throttling["nr_throttled"] ?? 0,
          throttledNs: throttling["throttled_time"] ?? 0,
        },
        memory: {
          usage: number("memory", path, "memory.usage_in_bytes"),
          maxUsage: number("memory", path, "memory.max_usage_in_bytes"),
          limit: number("memory", path, "memory.limit_in_bytes") || NO_LIMIT,
          failcnt: number("memory", path, "memory.failcnt"),
          stats: keyed(read("memory", path, "memory.stat")),
        },
        pids: { current: number("pids", path, "pids.current"), limit: processLimitOf(read("pids", path, "pids.max")) },
        blkio: blkioV1(read("blkio", path, "blkio.throttle.io_service_bytes"), read("blkio", path, "blkio.throttle.io_serviced")),
      };
    },
    wasOomKilled: (path) => (keyed(read("memory", path, "memory.oom_control"))["oom_kill"] ?? 0) > 0,
    pids: (path) => numbers(read(controllers.has("pids") ? "pids" : "memory", path, "cgroup.procs")),
    remove: (path) => removeAll(all.map((mount) => join(mount, path))),
    tidy: (path) => all.forEach((mount) => removeIfEmpty(join(mount, path))),
    async wake() {
      const mount = controllers.get("pids");
      const path = /^\d+:(?:.*,)?pids(?:,.*)?:(.*)$/m.exec(readOr("/proc/self/cgroup"))?.[1];
      if (mount === undefined || path === undefined) return;
      // to where this process is already: the kernel gets ready, and nothing moves. Off the main thread, which would wait
      await writeFile(join(mount, path, "cgroup.procs"), String(process.pid)).catch(() => undefined);
    },
  };
}

function cgroupsV2(root: string): Cgroups {
  const read = (path: string, file: string): string => readOr(join(root, path, file));
  return {
    version: 2,
    stats(path) {
      const cpu = keyed(read(path, "cpu.stat"));
      return {
        cpu: {
          totalNs: (cpu["usage_usec"] ?? 0) * 1000,
          userNs: (cpu["user_usec"] ?? 0) * 1000,
          kernelNs: (cpu["system_usec"] ?? 0) * 1000,
          periods: cpu["nr_periods"] ?? 0,
          throttledPeriods: cpu["nr_throttled"] ?? 0,
          throttledNs: (cpu["throttled_usec"] ?? 0) * 1000,
        },
        memory: { usage: Number(read(path, "memory.current").trim() || 0), limit: limitOf(read(path, "memory.max")) || NO_LIMIT, stats: keyed(read(path, "memory.stat")) },
        pids: { current: Number(read(path, "pids.current").trim() || 0), limit: processLimitOf(read(path, "pids.max")) },
        blkio: blkioV2(read(path, "io.stat")),
      };
    },
    wasOomKilled: (path) => (keyed(read(path, "memory.events"))["oom_kill"] ?? 0) > 0,
    pids: (path) => below(join(root, path)).flatMap((directory) => numbers(readOr(join(directory, "cgroup.procs")))),
    remove: (path) => removeAll([join(root, path)]),
    tidy: (path) => removeIfEmpty(join(root, path)),
    // processes are begun in their group here, not moved
    wake: () => Promise.resolve(),
  };
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    if (!["ENOENT", "EBUSY", "ENOTEMPTY"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    // a controller that isn't there, or a group that has gone
    if (["ENOENT", "ENODEV", "EOPNOTSUPP"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}

function keyed(text: string): Record<string, number> {
  const values: Record<string, number> = {};
  for (const line of text.split("\n")) {
    const [key, value] = line.split(" ");
    if (key !== undefined && key !== "" && value !== undefined) values[key] = Number(value);
  }
  return values;
}

function numbers(text: string): number[] {
  return text.split("\n").filter((line) => line !== "").map(Number);
}

/** "max" is no limit: 0. */
/** The kernel never has more: as good as no limit, in a word that crun can write. */
export const MAX_PROCESSES = 4_194_304;

function processLimitOf(text: string): number {
  const limit = limitOf(text);
  return limit >= MAX_PROCESSES ? 0 : limit;
}

function limitOf(text: string): number {
  const value = Number(text.trim());
  return Number.isFinite(value) ? value : 0;
}

function blkioV1(bytes: string, ops: string): CgroupStats["blkio"] {
  const count = new Map(ops.split("\n").map((line) => [line.split(" ").slice(0, 2).join(" "), Number(line.split(" ")[2] ?? 0)]));
  const found: CgroupStats["blkio"] = [];
  for (const line of bytes.split("\n")) {
    const match = /^(\d+):(\d+) (\w+) (\d+)$/.exec(line);
    if (match === null) continue;
    const [, major, minor, op = "", sum] = match;
    found.push({ op, major: Number(major), minor: Number(minor), bytes: Number(sum), ops: count.get(`${major}:${minor} ${op}`) ?? 0 });
  }
  return found;
}

function blkioV2(text: string): CgroupStats["blkio"] {
  const found: CgroupStats["blkio"] = [];
  for (const line of text.split("\n")) {
    const device = /^(\d+):(\d+) /.exec(line);
    if (device === null) continue;
    const value = (key: string): number => Number(new RegExp(`\\b${key}=(\\d+)`).exec(line)?.[1] ?? 0);
    const [major, minor] = [Number(device[1]), Number(device[2])];
    found.push({ op: "read", major, minor, bytes: value("rbytes"), ops: value("rios") }, { op: "write", major, minor, bytes: value("wbytes"), ops: value("wios") });
  }
  return found;
}

/** The group and its own groups, deepest last. */
function below(directory: string): string[] {
  if (!existsSync(directory)) return [];
  const children = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [directory, ...children.flatMap((entry) => below(join(directory, entry.name)))];
}

const REMOVE_TRIES = 100;
const RETRY_MS = 10;

async function removeAll(groups: readonly string[]): Promise<void> {
  for (const group of groups) {
    for (let left = REMOVE_TRIES; existsSync(group); left--) {
      killAll(group);
      for (const directory of below(group).toReversed()) {
        try {
          rmdirSync(directory);
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException;
          // processes that were killed take a moment to go
          if (code !== "ENOENT" && (code !== "EBUSY" || left === 0)) throw error;
        }
      }
      if (existsSync(group)) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function killAll(group: string): void {
  if (existsSync(join(group, "cgroup.kill"))) return writeFileSync(join(group, "cgroup.kill"), "1");
  // frozen processes do not die
  if (existsSync(join(group, "freezer.state"))) writeFileSync(join(group, "freezer.state"), "THAWED");
  for (const directory of below(group)) {
    for (const pid of numbers(readOr(join(directory, "cgroup.procs")))) {
      try {
        process.kill(pid, "SIGKILL");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
  }
}
