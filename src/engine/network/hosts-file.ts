// Content of a container's /etc/hosts and /etc/resolv.conf, written at start and again when its networks change.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseSubnet, formatIp } from "../../linux/address.ts";
import type { ContainerRow } from "../../store/store.ts";
import type { EndpointSettings } from "../../wire/docker.ts";
import type { Engine } from "../engine.ts";
import { parseLinks } from "./endpoint.ts";

export type NameFileParts = Pick<Engine, "store" | "network" | "config">;

const LOCAL = [
  "127.0.0.1\tlocalhost",
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::\tip6-localnet",
  "ff00::\tip6-mcastprefix",
  "ff02::1\tip6-allnodes",
  "ff02::2\tip6-allrouters",
];

/** `networks` as attachContainerNetworks returned them (row.networks may not have them yet). */
export function hostsFile(engine: NameFileParts, row: ContainerRow, networks: Readonly<Record<string, EndpointSettings>>): string {
  const extra = (row.hostConfig.ExtraHosts ?? []).map((line) => extraHost(line, engine.config.bip));
  if (row.hostConfig.NetworkMode === "host") return [readHostFile().replace(/\n*$/, ""), ...extra, ""].join("\n");
  const own = Object.entries(networks).flatMap(([, settings]) => [settings.IPAddress ?? "", settings.GlobalIPv6Address ?? ""]).filter((address) => address !== "");
  return [...LOCAL, ...extra, ...linkLines(engine, row), ...own.map((address) => `${address}\t${ownNames(row)}`), ""].join("\n");
}

export async function resolvConfFile(engine: NameFileParts, row: ContainerRow, networks: Readonly<Record<string, EndpointSettings>> = row.networks): Promise<string> {
  const { Dns, DnsSearch, DnsOptions } = row.hostConfig;
  const dns = Dns ?? [];
  return engine.network.resolvConf({
    dns: dns.length > 0 ? dns : engine.config.dns,
    search: DnsSearch ?? [],
    options: DnsOptions ?? [],
    embedded: engine.store.view((tx) => Object.keys(networks).some((name) => tx.networks.by("name", name)[0]?.predefined === false)),
    hostNetwork: row.hostConfig.NetworkMode === "host",
  });
}

/** After connect and disconnect. The files are mounted into the container: their content changes, not the files. */
export async function rewriteNameFiles(engine: NameFileParts, row: ContainerRow, networks: Readonly<Record<string, EndpointSettings>>): Promise<void> {
  const directory = engine.store.containerPath(row.id);
  writeFileSync(join(directory, "hosts"), hostsFile(engine, row, networks));
  // once the embedded answers are in use they stay
  const wasEmbedded = readOr(join(directory, "resolv.conf")).includes("\nnameserver 127.0.0.11\n");
  if (!wasEmbedded) writeFileSync(join(directory, "resolv.conf"), await resolvConfFile(engine, row, networks));
}

/** "name:address" or "name=address"; host-gateway is the default bridge's own address. */
function extraHost(line: string, bip: string): string {
  const at = line.search(/[:=]/);
  const name = line.slice(0, at);
  const address = line.slice(at + 1).replace(/^\[(.*)\]$/, "$1");
  const bridge = parseSubnet(bip);
  return `${address === "host-gateway" && bridge !== undefined ? formatIp(4, bridge.address) : address}\t${name}`;
}

function ownNames(row: ContainerRow): string {
  const host = (row.config.Hostname ?? "") === "" ? row.id.slice(0, 12) : (row.config.Hostname ?? "");
  const domain = row.config.Domainname ?? "";
  const full = domain === "" ? host : `${host}.${domain}`;
  const short = full.split(".", 1)[0] ?? full;
  return short === full ? full : `${full} ${short}`;
}

/** Links of the default bridge, where there is no DNS: "zz 422f99e3f25c dda". */
function linkLines(engine: Pick<Engine, "store">, row: ContainerRow): string[] {
  return engine.store.view((tx) =>
    Object.entries(parseLinks(row.hostConfig.Links)).flatMap(([aliasPath, targetPath]) => {
      const alias = aliasPath.split("/").at(-1) ?? aliasPath;
      const target = tx.containers.find(targetPath) ?? tx.containers.by("name", targetPath.replace(/^\//, ""))[0];
      const address = target?.networks["bridge"]?.IPAddress ?? "";
      if (target === undefined || address === "") return [];
      const hostname = target.config.Hostname ?? target.id.slice(0, 12);
      return [`${address}\t${[...new Set([alias, hostname, target.name])].join(" ")}`];
    }),
  );
}

function readHostFile(): string {
  return readOr("/etc/hosts") || `${LOCAL.join("\n")}\n`;
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // not there: as if empty
    return "";
  }
}
