// GET /containers/{id}/json
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ContainerRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { joined } from "./namespaces.ts";
import { containerSizes, type ContainerSizes } from "./container-size.ts";
import { shownLinks } from "./create-links.ts";
import { shownHostConfig } from "./host-config.ts";
import { logPath, ownFilePaths } from "./own-files.ts";
import { findContainer } from "./row.ts";
import { shownConfig } from "./shown-config.ts";
import { shownMounts } from "./shown-mounts.ts";
import { shownNetworkSettings } from "./shown-networks.ts";

type Parts = Pick<Engine, "store" | "execs" | "network" | "log">;

export async function inspectContainer(engine: Parts, name: string, { size = false }: { size?: boolean }): Promise<object> {
  const row = findContainer(engine, name);
  const sizes = size ? (await containerSizes(engine, [row])).get(row.id) : undefined;
  const execs = engine.execs.of(row.id).filter((record) => record.state === "running");
  const files = filesOf(engine, row);
  const links = engine.store.view((tx) => shownLinks(tx, row));
  return {
    Id: row.id,
    Created: row.created,
    Path: row.path,
    Args: row.args,
    State: row.state,
    Image: row.imageId,
    ...files,
    Name: `/${row.name}`,
    RestartCount: row.restartCount,
    Driver: "overlay2",
    Platform: "linux",
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: "",
    ExecIDs: execs.length === 0 ? null : execs.map((record) => record.id),
    HostConfig: { ...shownHostConfig(row.hostConfig), Links: links },
    GraphDriver: { Data: overlayOf(engine, row), Name: "overlay2" },
    ...shownSizes(sizes),
    Mounts: shownMounts(row.mounts),
    Config: shownConfig(row.config),
    NetworkSettings: shownNetworkSettings(row, engine.network.namespacePath(row.id)),
  };
}

function shownSizes(sizes: ContainerSizes | undefined): object {
  return sizes === undefined ? {} : { SizeRw: sizes.SizeRw, SizeRootFs: sizes.SizeRootFs };
}

/** Empty until they are there. */
function filesOf(engine: Parts, row: ContainerRow): { ResolvConfPath: string; HostnamePath: string; HostsPath: string; LogPath: string } {
  const donor = joined(row.hostConfig.NetworkMode);
  const owner = donor === undefined ? row : engine.store.view((tx) => tx.containers.find(donor) ?? tx.containers.by("name", donor)[0] ?? row);
  const paths = ownFilePaths(engine, owner.id);
  const log = logPath(engine, row.id);
  const shown = row.hasBeenStarted ? paths : { resolvConf: "", hostname: "", hosts: "" };
  return { ResolvConfPath: shown.resolvConf, HostnamePath: shown.hostname, HostsPath: shown.hosts, LogPath: row.hostConfig.LogConfig?.Type === "json-file" && existsSync(log) ? log : "" };
}

function overlayOf({ store }: Parts, row: ContainerRow): Record<string, string> | null {
  try {
    const { lower, upper = "", work = "" } = store.layers.overlay(row.directory, row.diffIds);
    return { ID: row.id, LowerDir: lower.join(":"), MergedDir: join(upper, "..", "merged"), UpperDir: upper, WorkDir: work };
  } catch {
    // a layer of it is gone: the rest is worth showing all the more
    return null;
  }
}
