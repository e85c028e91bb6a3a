// What a test's daemon may have left: processes, mounts, namespaces, firewall tables, bridges, cgroups, files.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readlinkSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { poll } from "./poll.ts";
import { entriesOf, textOf } from "./or-empty.ts";

export interface DaemonTraces {
  directory: string;
  dataRoot: string;
  bridge: string;
  containerIds: readonly string[];
}

export async function removeLeftovers(traces: DaemonTraces): Promise<void> {
  const ids = new Set([...traces.containerIds, ...entriesOf(join(traces.dataRoot, "containers"))]);
  await endProcesses(traces.directory);
  unmountBelow(traces.directory);
  removeNetworking(traces.bridge);
  removeCgroups(ids);
  rmSync(traces.directory, { recursive: true, force: true });
}

/** Those whose command or working directory is below the directory, and all their descendants. */
async function endProcesses(directory: string): Promise<void> {
  const all = entriesOf("/proc").filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = new Map(all.map((pid) => [pid, Number(/^PPid:\s*(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0)]));
  const doomed = new Set(all.filter((pid) => pid !== process.pid && (textOf(`/proc/${pid}/cmdline`).includes(`${directory}/`) || linkOf(`/proc/${pid}/cwd`).startsWith(`${directory}/`))));
  for (let grown = -1; grown !== doomed.size; ) {
    grown = doomed.size;
    for (const [pid, parent] of parents) if (doomed.has(parent)) doomed.add(pid);
  }
  // no shim must see its container end and begin to tidy while everything is taken away
  for (const signal of ["SIGSTOP", "SIGKILL"] as const) {
    for (const pid of doomed) {
      try {
        process.kill(pid, signal);
      } catch {
        // ended by itself
      }
    }
  }
  await poll("left processes end", () => [...doomed].every((pid) => !existsSync(`/proc/${pid}`) || /^State:\s*Z/m.test(textOf(`/proc/${pid}/status`))));
}

function unmountBelow(directory: string): void {
  const points = readFileSync("/proc/self/mounts", "utf8").split("\n").flatMap((line) => line.split(" ")[1] ?? []);
  for (const point of points.filter((path) => path.startsWith(`${directory}/`)).toReversed()) spawnSync("umount", ["-l", point]);
}

function removeNetworking(bridge: string): void {
  const prefix = `berth-${createHash("sha256").update(bridge).digest("hex").slice(0, 8)}-`;
  for (const name of entriesOf("/run/netns")) if (name.startsWith(prefix)) spawnSync("ip", ["netns", "delete", name]);
  for (const family of ["ip", "ip6"]) spawnSync("nft", ["delete", "table", family, `berth-${bridge}`]);
  if (existsSync(`/sys/class/net/${bridge}`)) spawnSync("ip", ["link", "delete", bridge]);
}

function removeCgroups(ids: ReadonlySet<string>): void {
  if (ids.size === 0) return;
  const visit = (directory: string, depth: number): void => {
    for (const name of depth === 0 ? [] : entriesOf(directory)) {
      const path = join(directory, name);
      if (!existsSync(join(path, "cgroup.procs"))) continue;
      visit(path, depth - 1);
      if (![...ids].some((id) => name.includes(id))) continue;
      try {
        rmdirSync(path);
      } catch {
        // a controller of which this is not a directory
      }
    }
  };
  for (const controller of ["", ...entriesOf("/sys/fs/cgroup")]) visit(join("/sys/fs/cgroup", controller), 3);
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
