// Everything a daemon has that could be left behind: what it says it has, and what this machine has of it.
import type { TestDaemon } from "../support/daemon.ts";
import { type MachineTraces, machineTraces } from "../support/machine-traces.ts";
import { entriesOf, textOf } from "../support/or-empty.ts";
import { poll } from "../support/poll.ts";

export interface Traces {
  rows: Record<string, number>;
  /** Its shims are not in it, since one is kept in store. */
  machine: Omit<MachineTraces, "shims">;
  /** What it started outside of containers, without shims and its workers. */
  processes: number;
}

/** The cgroups of containers made with `cgroupParent(daemon)` are counted, others not. */
export async function tracesOf(daemon: TestDaemon): Promise<Traces> {
  const { Images, Containers, Volumes } = (await daemon.call("GET", "/system/df")).json() as Record<string, unknown[]>;
  const networks = (await daemon.call("GET", "/networks")).json() as unknown[];
  const { shims: _, entries: { shims: __, ...entries }, ...machine } = machineTraces(daemon);
  return {
    rows: { images: Images?.length ?? -1, containers: Containers?.length ?? -1, volumes: Volumes?.length ?? -1, networks: networks.length },
    machine: { ...machine, entries },
    processes: processesOf(daemon),
  };
}

/** When what goes behind the answer has gone: the trash is empty, no interface is left of a container that ended. */
export async function tracesAtRest(daemon: TestDaemon): Promise<Traces> {
  let traces: Traces | undefined;
  await poll("the daemon is at rest", async () => {
    const { machine } = (traces = await tracesOf(daemon));
    return machine.entries["trash"] === 0 && machine.interfaces <= machine.containerProcesses;
  }, 30_000);
  return traces as Traces;
}

function processesOf({ directory }: TestDaemon): number {
  return entriesOf("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    const command = textOf(`/proc/${name}/cmdline`);
    return command.includes(`${directory}/`) && !command.includes("containerd-shim") && !command.includes("\0worker");
  }).length;
}
