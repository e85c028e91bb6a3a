// -p and --expose: `[ip:][host[-end]:]container[-end][/protocol]` → exposed ports and their bindings.
import type { PortBinding } from "../../wire/docker.ts";
import { failure } from "../failure.ts";
import { isIP } from "./ip-address.ts";

export interface Ports {
  readonly exposed: Record<string, object>;
  readonly bindings: Record<string, PortBinding[]>;
}

export function parsePorts(publish: readonly string[], expose: readonly string[]): Ports {
  const ports: Ports = { exposed: {}, bindings: {} };
  for (const text of publish) addPublished(ports, text.includes("=") ? standardForm(text) : text);
  for (const text of expose) addExposed(ports, text);
  return ports;
}

/** `published=8080,target=80,protocol=tcp`. */
function standardForm(text: string): string {
  const fields: Record<string, string> = {};
  for (const field of text.split(",")) {
    const equals = field.indexOf("=");
    if (equals < 0) throw failure(`invalid publish opts format (should be name=value but got '${field}')`);
    fields[field.slice(0, equals)] = field.slice(equals + 1);
  }
  return `${fields["published"] ?? ""}:${fields["target"] ?? ""}/${fields["protocol"] ?? ""}`;
}

function addPublished({ exposed, bindings }: Ports, text: string): void {
  const { address, bracketed, host, container, protocol } = splitSpec(text);
  if (address.includes(":") && !bracketed) throw failure(`Invalid ip address ${address}: address ${address}:: too many colons in address`);
  if (address !== "" && isIP(address) === 0) throw failure(`Invalid ip address: ${address}`);
  if (container === "") throw failure(`No port specified: ${text}<empty>`);
  const [first, last] = rangeOf(container) ?? fail(`Invalid containerPort: ${container}`);
  const hosts = host === "" ? undefined : (rangeOf(host) ?? fail(`Invalid hostPort: ${host}`));
  if (hosts && last - first !== hosts[1] - hosts[0] && last !== first) fail(`Invalid ranges specified for container and host Ports: ${container} and ${host}`);
  if (!["tcp", "udp", "sctp"].includes(protocol.toLowerCase())) fail(`Invalid proto: ${protocol}`);
  for (let offset = 0; offset <= last - first; offset++) {
    const key = `${first + offset}/${protocol.toLowerCase()}`;
    exposed[key] = {};
    (bindings[key] ??= []).push({ HostIp: address, HostPort: hostPortText(hosts, offset, last > first) });
  }
}

/** A host range for one container port is left for the daemon to choose from. */
function hostPortText(hosts: readonly [number, number] | undefined, offset: number, isRange: boolean): string {
  if (!hosts) return "";
  if (!isRange && hosts[0] !== hosts[1]) return `${hosts[0]}-${hosts[1]}`;
  return String(hosts[0] + offset);
}

function splitSpec(text: string): { address: string; bracketed: boolean; host: string; container: string; protocol: string } {
  const slash = text.indexOf("/");
  const protocol = slash < 0 ? "tcp" : text.slice(slash + 1) || "tcp";
  const parts = (slash < 0 ? text : text.slice(0, slash)).split(":");
  const container = parts.pop() ?? "";
  const host = parts.pop() ?? "";
  const given = parts.join(":");
  const address = given.replace(/^\[(.*)\]$/, "$1");
  return { address, bracketed: address !== given, host, container, protocol };
}

function addExposed({ exposed }: Ports, text: string): void {
  if (text.includes(":")) throw failure(`invalid port format for --expose: ${text}`);
  const [port = "", protocol = "tcp"] = text.split("/");
  const range = rangeOf(port);
  if (!range) throw failure(`invalid range format for --expose: ${text}, error: ${rangeComplaint(port)}`);
  for (let number = range[0]; number <= range[1]; number++) exposed[`${number}/${protocol || "tcp"}`] ??= {};
}

function rangeOf(text: string): [number, number] | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (!match) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return last < first || last > 65_535 ? undefined : [first, last];
}

function rangeComplaint(text: string): string {
  if (text === "") return "empty string specified for ports";
  const [first = "", last = first] = text.split("-");
  for (const port of [first, last]) if (!/^\d+$/.test(port)) return `strconv.ParseUint: parsing ${JSON.stringify(port)}: invalid syntax`;
  return `invalid range specified for port: ${text}`;
}

function fail(text: string): never {
  throw failure(text);
}
