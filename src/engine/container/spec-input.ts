// A container's row and what was found out for this start → what the runtime's spec is made from.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { internal } from "../../base/errors.ts";
import type { SpecInput, SpecMount } from "../../runtime/runtime.ts";
import type { ContainerRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { type ChosenNamespaces, joined } from "./namespaces.ts";
import { filesToMount, ownFilePaths } from "./own-files.ts";
import { processEnv } from "./process-env.ts";
import { findContainer } from "./row.ts";
import type { ProcessUser } from "./user-lookup.ts";

/** Not Docker's: both engines may run side by side. */
const CGROUP_PARENT = "/berth";

export interface StartFacts {
  user: ProcessUser;
  mounts: readonly SpecMount[];
  chosen: ChosenNamespaces;
}

export function specInput(engine: Pick<Engine, "store" | "config" | "runtime">, row: ContainerRow, { user, mounts, chosen }: StartFacts): SpecInput {
  const { config, hostConfig } = row;
  const terminal = config.Tty === true;
  const size = consoleSize(row);
  const init = hostConfig.Init === true ? initPath(engine) : undefined;
  return {
    id: row.id,
    args: [row.path, ...row.args],
    env: withHome(processEnv(row, { terminal }), user.home),
    cwd: (config.WorkingDir ?? "") === "" ? "/" : (config.WorkingDir ?? ""),
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
    terminal,
    ...(size === undefined ? {} : { consoleSize: size }),
    hostname: config.Hostname ?? "",
    domainname: config.Domainname ?? "",
    hostConfig,
    mounts,
    files: filesToMount(row, ownFilePaths(engine, fileOwner(engine, row).id)),
    namespaces: chosen.namespaces,
    ...(chosen.shmPath === undefined ? {} : { shmPath: chosen.shmPath }),
    ...(init === undefined ? {} : { initPath: init }),
    cgroupsPath: `${((hostConfig.CgroupParent ?? "") || CGROUP_PARENT).replace(/\/+$/, "")}/${row.id}`,
    cgroupVersion: engine.runtime.cgroupVersion,
  };
}

/** Of a terminal, where the client has told it. */
export function consoleSize(row: ContainerRow): [height: number, width: number] | undefined {
  const [height, width] = row.hostConfig.ConsoleSize ?? [0, 0];
  return row.config.Tty === true && height > 0 && width > 0 ? [height, width] : undefined;
}

/** Who shares a network namespace shares hosts, resolv.conf and hostname too. */
export function fileOwner(engine: Pick<Engine, "store">, row: ContainerRow): ContainerRow {
  const donor = joined(row.hostConfig.NetworkMode);
  return donor === undefined ? row : findContainer(engine, donor);
}

/** The OCI runtimes set it too, but not all of them to the same. */
export function withHome(env: readonly string[], home: string): string[] {
  return env.some((entry) => entry.startsWith("HOME=")) ? [...env] : [...env, `HOME=${home === "" ? "/" : home}`];
}

function initPath({ config }: Pick<Engine, "config">): string {
  if (config.initPath !== undefined) return config.initPath;
  const directories = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/usr/libexec/docker"];
  for (const name of ["docker-init", "tini-static", "tini", "catatonit"]) {
    for (const directory of directories) if (directory !== "" && existsSync(join(directory, name))) return join(directory, name);
  }
  throw internal('exec: "docker-init": executable file not found in $PATH');
}
