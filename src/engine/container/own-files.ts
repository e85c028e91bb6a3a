// Files of a container's own that are mounted into it: hostname, hosts, resolv.conf. And where its log is.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ContainerRow } from "../../store/store.ts";
import type { EndpointSettings } from "../../wire/docker.ts";
import type { Engine } from "../engine.ts";
import { hostsFile, resolvConfFile } from "../network/hosts-file.ts";

export interface OwnFiles {
  hosts?: string;
  resolvConf?: string;
  hostname?: string;
}

export function logPath({ store }: Pick<Engine, "store">, containerId: string): string {
  return join(store.containerPath(containerId), `${containerId}-json.log`);
}

/** Where they are; a container in another's network namespace has that one's. */
export function ownFilePaths({ store }: Pick<Engine, "store">, containerId: string): Required<OwnFiles> {
  const directory = store.containerPath(containerId);
  return { hosts: join(directory, "hosts"), resolvConf: join(directory, "resolv.conf"), hostname: join(directory, "hostname") };
}

/** Before the addresses are known; the hosts file gets them with writeAddresses. */
export async function writeOwnFiles(engine: Pick<Engine, "store" | "network" | "config">, row: ContainerRow): Promise<void> {
  const paths = ownFilePaths(engine, row.id);
  writeFileSync(paths.hostname, `${row.config.Hostname ?? ""}\n`);
  writeFileSync(paths.hosts, hostsFile(engine, row, {}));
  writeFileSync(paths.resolvConf, await resolvConfFile(engine, row));
}

export function writeAddresses(engine: Pick<Engine, "store" | "network" | "config">, row: ContainerRow, networks: Readonly<Record<string, EndpointSettings>>): void {
  writeFileSync(ownFilePaths(engine, row.id).hosts, hostsFile(engine, row, networks));
}

/** Those to mount: not where the user has mounted something else. */
export function filesToMount(row: ContainerRow, paths: Required<OwnFiles>): OwnFiles {
  if (row.config.NetworkDisabled === true) return {};
  const taken = new Set(row.mounts.map((mount) => mount.Destination));
  return {
    ...(taken.has("/etc/hosts") ? {} : { hosts: paths.hosts }),
    ...(taken.has("/etc/resolv.conf") ? {} : { resolvConf: paths.resolvConf }),
    ...(taken.has("/etc/hostname") ? {} : { hostname: paths.hostname }),
  };
}
