// Which namespaces a container's process runs in: new ones, the host's, or those of a container that runs.
import { existsSync } from "node:fs";
import { conflict, EngineError, invalid, kindOf, messageOf } from "../../base/errors.ts";
import type { NamespaceChoice, SpecInput } from "../../runtime/runtime.ts";
import type { ContainerRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { findContainer } from "./row.ts";
import { shmPath } from "./shm.ts";

export interface ChosenNamespaces {
  namespaces: SpecInput["namespaces"];
  /** /dev/shm that is shared with other containers. */
  shmPath?: string;
}

/** `netnsPath` undefined: the host's. */
export function chooseNamespaces(engine: Pick<Engine, "store" | "config">, row: ContainerRow, netnsPath: string | undefined): ChosenNamespaces {
  const { hostConfig: host } = row;
  const ipc = joined(host.IpcMode);
  const donor = ipc === undefined ? undefined : donorOf(engine, ipc, "IPC");
  const pidDonor = joined(host.PidMode);
  const shm = donor ?? (host.IpcMode === "shareable" ? row : undefined);
  if (donor !== undefined && !existsSync(shmPath(engine, donor.id))) throw invalid(`failed to join IPC namespace: container ${donor.id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`);
  return {
    namespaces: {
      network: netnsPath === undefined ? "host" : { path: netnsPath },
      pid: pidDonor === undefined ? own(host.PidMode) : of(donorOf(engine, pidDonor, "PID"), "pid"),
      ipc: donor === undefined ? own(host.IpcMode) : of(donor, "ipc"),
      uts: own(host.UTSMode),
      cgroup: own(host.CgroupnsMode),
    },
    ...(shm === undefined ? {} : { shmPath: shmPath(engine, shm.id) }),
  };
}

function own(mode: string | undefined): "private" | "host" {
  return mode === "host" ? "host" : "private";
}

/** The container named by a mode `container:X`. */
export function joined(mode: string | undefined): string | undefined {
  return mode?.startsWith("container:") === true ? mode.slice("container:".length) : undefined;
}

function of(row: ContainerRow, kind: string): NamespaceChoice {
  return { path: `/proc/${row.state.Pid}/ns/${kind}` };
}

function donorOf(engine: Pick<Engine, "store">, name: string, kind: "IPC" | "PID"): ContainerRow {
  try {
    const row = findContainer(engine, name);
    if (!row.state.Running) throw conflict(`container ${row.id} is not running`);
    if (row.state.Restarting) throw conflict(`Container ${row.id} is restarting, wait until the container is running`);
    return row;
  } catch (error) {
    throw new EngineError(kindOf(error), `failed to join ${kind} namespace: ${messageOf(error)}`, {}, error);
  }
}
