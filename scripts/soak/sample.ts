// What the daemon weighs at one moment.
import { readdirSync, readFileSync } from "node:fs";
import type { TestDaemon } from "../../test/support/daemon.ts";
import { type MachineTraces, machineTraces, shimPids } from "../../test/support/machine-traces.ts";

export interface Sample {
  seconds: number;
  openFiles: number;
  rssMb: number;
  threads: number;
  /** Of all its shims. */
  shimRssMb: number;
  /** Children of the daemon: workers and what they run. */
  children: number;
  traces: MachineTraces;
}

export function takeSample(daemon: TestDaemon, startedMs: number): Sample {
  const { pid } = daemon;
  return {
    seconds: Math.round((Date.now() - startedMs) / 1000),
    openFiles: openFilesOf(pid),
    rssMb: Math.round(residentMb(pid)),
    threads: numberOf(pid, "Threads"),
    shimRssMb: Math.round(shimPids(daemon).reduce((sum, shim) => sum + residentMb(shim), 0)),
    children: readdirSync("/proc").filter((name) => /^\d+$/.test(name) && numberOf(Number(name), "PPid") === pid).length,
    traces: machineTraces(daemon),
  };
}

export function openFilesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** 0 of a process that has ended. */
export function residentMb(pid: number): number {
  return numberOf(pid, "VmRSS") / 1024;
}

function numberOf(pid: number, key: string): number {
  try {
    return Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    // it ended while we looked
    return 0;
  }
}
