// What a container exposes and publishes → port requests, and what came of them → the API's Ports. Pure.
import { invalid } from "../../base/errors.ts";
import type { PortRequest, PublishedPort } from "../../network/network.ts";
import type { ContainerRow } from "../../store/store.ts";

type Protocol = PortRequest["protocol"];
export type PortsJson = Record<string, { HostIp: string; HostPort: string }[] | null>;

/** "80", "80/udp", "8000-8002/tcp" → each port as "80/tcp". */
export function expandPort(text: string): string[] {
  const match = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/i.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match === null || first < 0 || last > 65535 || last < first) throw invalid(`invalid port specification: ${text}`);
  const protocol = (match[3] ?? "tcp").toLowerCase();
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`);
}

/** Requests with a fixed host port come first, so that no random port takes theirs. */
export function portRequests(row: Pick<ContainerRow, "config" | "hostConfig">): PortRequest[] {
  const bindings = row.hostConfig.PortBindings ?? {};
  const requests: PortRequest[] = [];
  for (const [key, list] of Object.entries(bindings)) {
    const [port = ""] = expandPort(key);
    for (const { HostIp = "", HostPort = "" } of list ?? []) requests.push({ ...parse(port), hostIp: HostIp, hostPort: HostPort });
  }
  if (row.hostConfig.PublishAllPorts === true) {
    for (const port of exposedPorts(row)) if ((bindings[port]?.length ?? 0) === 0) requests.push({ ...parse(port), hostIp: "", hostPort: "" });
  }
  return requests.toSorted((a, b) => Number(a.hostPort === "") - Number(b.hostPort === "") || a.containerPort - b.containerPort || a.protocol.localeCompare(b.protocol));
}

export function portsJson(row: Pick<ContainerRow, "config" | "hostConfig">, published: readonly PublishedPort[]): PortsJson {
  const ports: PortsJson = {};
  for (const port of exposedPorts(row)) ports[port] = null;
  for (const { containerPort, protocol, hostIp, hostPort } of published) {
    const key = `${containerPort}/${protocol}`;
    ports[key] = [...(ports[key] ?? []), { HostIp: hostIp, HostPort: String(hostPort) }];
  }
  return ports;
}

function exposedPorts(row: Pick<ContainerRow, "config" | "hostConfig">): string[] {
  const named = [...Object.keys(row.config.ExposedPorts ?? {}), ...Object.keys(row.hostConfig.PortBindings ?? {})];
  return [...new Set(named.flatMap(expandPort))];
}

function parse(port: string): { containerPort: number; protocol: Protocol } {
  const [number, protocol] = port.split("/");
  return { containerPort: Number(number), protocol: protocol as Protocol };
}
