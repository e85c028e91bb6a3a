// Everything an engine has on this machine, counted from the machine itself and not from what the engine says.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TestDaemon } from "./daemon.ts";
import { entriesOf, textOf } from "./or-empty.ts";

export interface MachineTraces {
  mounts: number;
  namespaces: number;
  /** Ports of the daemon's bridges. */
  interfaces: number;
  bridges: number;
  /** Lines of its firewall tables. */
  rules: number;
  /** Below `cgroupParent`. */
  cgroups: number;
  /** In those cgroups. */
  containerProcesses: number;
  shims: number;
  /** By room of the two roots. */
  entries: Record<string, number>;
}

/** Give it to containers as HostConfig.CgroupParent: what lies below is this daemon's. */
export function cgroupParent(daemon: Pick<TestDaemon, "bridge">): string {
  return `/berth/${daemon.bridge}`;
}

const DATA_ROOMS = ["containers", "rw", "layers", "volumes", "blobs/sha256", "trash"];
const RUN_ROOMS = ["bundles", "shims", `oci/berth`];

export function machineTraces(daemon: TestDaemon): MachineTraces {
  const hash = createHash("sha256").update(daemon.bridge).digest("hex").slice(0, 8);
  const bridges = bridgesOf(daemon);
  const groups = cgroupDirectories(daemon);
  return {
    mounts: textOf("/proc/self/mounts").split("\n").filter((line) => line.includes(`${daemon.directory}/`) && !line.includes("/programs/")).length,
    namespaces: entriesOf("/run/netns").filter((name) => name.startsWith(`berth-${hash}-`)).length,
    interfaces: bridges.reduce((sum, bridge) => sum + entriesOf(`/sys/class/net/${bridge}/brif`).length, 0),
    bridges: bridges.length,
    rules: ["ip", "ip6"].reduce((sum, family) => sum + spawnSync("nft", ["list", "table", family, `berth-${daemon.bridge}`], { encoding: "utf8" }).stdout.split("\n").length, 0),
    cgroups: groups.length,
    containerProcesses: new Set(groups.flatMap((path) => textOf(join(path, "cgroup.procs")).split("\n").filter((pid) => pid !== ""))).size,
    shims: shimPids(daemon).length,
    entries: Object.fromEntries([
      ...DATA_ROOMS.map((room) => [room, entriesOf(join(daemon.dataRoot, room)).length]),
      ...RUN_ROOMS.map((room) => [room, entriesOf(join(daemon.execRoot, room)).length]),
    ]),
  };
}

/** Its own, and those of networks that were made: named by the daemon after their networks' ids. */
function bridgesOf(daemon: TestDaemon): string[] {
  const addresses = spawnSync("ip", ["-o", "link", "show", "type", "bridge"], { encoding: "utf8" }).stdout;
  const all = addresses.split("\n").flatMap((line) => /^\d+: ([^:@]+)/.exec(line)?.[1] ?? []);
  const table = spawnSync("nft", ["list", "table", "ip", `berth-${daemon.bridge}`], { encoding: "utf8" }).stdout;
  return all.filter((name) => name === daemon.bridge || table.includes(`"${name}"`));
}

export function shimPids(daemon: Pick<TestDaemon, "execRoot">): number[] {
  return entriesOf("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    const command = textOf(`/proc/${name}/cmdline`);
    return command.includes("containerd-shim") && command.includes(`${daemon.execRoot}/`);
  }).map(Number);
}

function cgroupDirectories(daemon: Pick<TestDaemon, "bridge">): string[] {
  return cgroupParents(daemon).flatMap((parent) => entriesOf(parent).filter((name) => /^[0-9a-f]{64}$/.test(name)).map((name) => join(parent, name)));
}

/** The parent itself is nobody's to remove, as with Docker; and while it was there, the daemon could not remove its own. */
export function removeCgroupParent(daemon: Pick<TestDaemon, "bridge">): void {
  for (const parent of cgroupParents(daemon)) {
    for (const path of [parent, dirname(parent)]) {
      try {
        rmdirSync(path);
      } catch {
        // not there in this hierarchy, or others have theirs in it
      }
    }
  }
}

/** `cgroupParent` in every hierarchy of this machine, there or not. */
export function cgroupParents(daemon: Pick<TestDaemon, "bridge">): string[] {
  const mounts = textOf("/proc/self/mounts").split("\n").map((line) => line.split(" "));
  return mounts.filter(([, , type]) => type === "cgroup" || type === "cgroup2").map(([, path = ""]) => join(path, cgroupParent(daemon)));
}
