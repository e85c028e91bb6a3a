// Everything a daemon has made that could be left behind, as counts and names to compare.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestDaemon } from "../support/daemon.ts";
import { entriesOf } from "../support/or-empty.ts";

export interface Traces {
  rows: Record<string, number>;
  /** Entries below each directory of the data root; the trash is emptied in the background. */
  directories: Record<string, number>;
  mounts: number;
  namespaces: number;
  interfaces: number;
  cgroups: number;
  /** Without shims: one is kept in store. */
  processes: number;
}

export async function tracesOf(daemon: TestDaemon): Promise<Traces> {
  const { Images, Containers, Volumes } = (await daemon.call("GET", "/system/df")).json() as Record<string, unknown[]>;
  const networks = (await daemon.call("GET", "/networks")).json() as unknown[];
  const namespace = `berth-${createHash("sha256").update(daemon.bridge).digest("hex").slice(0, 8)}-`;
  return {
    rows: { images: Images?.length ?? -1, containers: Containers?.length ?? -1, volumes: Volumes?.length ?? -1, networks: networks.length },
    directories: Object.fromEntries(["containers", "rw", "layers", "volumes", "blobs/sha256"].map((name) => [name, entriesOf(join(daemon.dataRoot, name)).filter((entry) => !entry.startsWith(".")).length])),
    mounts: readFileSync("/proc/self/mounts", "utf8").split("\n").filter((line) => line.includes(`${daemon.directory}/`)).length,
    namespaces: entriesOf("/run/netns").filter((name) => name.startsWith(namespace)).length,
    interfaces: entriesOf(`/sys/class/net/${daemon.bridge}/brif`).length,
    cgroups: cgroupsOf(entriesOf(join(daemon.dataRoot, "containers"))),
    processes: processesOf(daemon),
  };
}

function cgroupsOf(ids: readonly string[]): number {
  const roots = ["", ...entriesOf("/sys/fs/cgroup")].flatMap((controller) => entriesOf(join("/sys/fs/cgroup", controller, "docker")));
  return roots.filter((name) => ids.some((id) => name.includes(id))).length;
}

function processesOf({ directory }: TestDaemon): number {
  return entriesOf("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8");
      return command.includes(`${directory}/`) && !command.includes("containerd-shim") && !command.includes("\0worker");
    } catch {
      return false;
    }
  }).length;
}
