// A container's settings on one network: checked, turned into a request, and into what the API shows once attached. Pure.
import { invalid } from "../../base/errors.ts";
import { contains, parseIp, parseSubnet } from "../../linux/address.ts";
import type { Attachment } from "../../network/network.ts";
import type { ContainerRow, NetworkRow } from "../../store/store.ts";
import type { EndpointSettings } from "../../wire/docker.ts";
import { joinProblems } from "./ipam-config.ts";

/** Throws `invalid endpoint settings:\n…`. */
export function checkEndpointSettings(network: NetworkRow, settings: EndpointSettings | null | undefined): void {
  if (settings === null || settings === undefined) return;
  const problems: string[] = [];
  const { IPv4Address: four = "", IPv6Address: six = "" } = settings.IPAMConfig ?? {};
  if (network.predefined && (four !== "" || six !== "")) problems.push("user specified IP address is supported on user defined networks only");
  if (network.predefined && (settings.Aliases?.length ?? 0) > 0) problems.push("network-scoped alias is supported only for containers in user defined networks");
  for (const [family, address] of [[4, four], [6, six]] as const) {
    if (address !== "" && parseIp(address)?.family !== family) problems.push(`invalid IPv${family} address: ${address}`);
  }
  for (const [family, address] of [[4, four], [6, six]] as const) if (address !== "") problems.push(...placeProblems(network, family, address));
  if (problems.length > 0) throw invalid(joinProblems("invalid endpoint settings", problems));
  const mac = settings.MacAddress ?? "";
  if (mac !== "" && !/^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$/.test(mac)) throw invalid(`invalid MAC address ${mac}`);
}

function placeProblems(network: NetworkRow, family: 4 | 6, address: string): string[] {
  const subnets = network.ipam.config.flatMap((config) => parseSubnet(config.Subnet ?? "") ?? []).filter((subnet) => subnet.family === family);
  if (subnets.length === 0 || network.automaticSubnets?.includes(family) === true) return ["user specified IP address is supported only when connecting to networks with user configured subnets"];
  const ip = parseIp(address);
  const isInside = ip !== undefined && subnets.some((subnet) => contains(subnet, ip));
  return isInside ? [] : [`no configured subnet or ip-range contain the IP address ${address}`];
}

/** What a container answers to on a network with names: its own, its aliases, its short id and its host name. */
export function dnsNames(row: Pick<ContainerRow, "id" | "name" | "config">, network: NetworkRow, settings: EndpointSettings): string[] | null {
  if (network.predefined) return null;
  const names = [row.name, ...(settings.Aliases ?? []), row.id.slice(0, 12), row.config.Hostname ?? ""];
  return [...new Set(names.filter((name) => name !== ""))];
}

/** ["dda:zz"] → {zz: "dda"} */
export function parseLinks(links: readonly string[] | null | undefined): Record<string, string> {
  return Object.fromEntries((links ?? []).map((link) => {
    const [target = "", alias] = link.split(":", 2);
    return [alias ?? target, target];
  }));
}

/** Every member, as Docker shows an endpoint that is not attached. `wantedMac` stays where it was asked for. */
export function detachedSettings(settings: EndpointSettings, wantedMac = ""): EndpointSettings {
  return {
    IPAMConfig: withoutEmpty(settings.IPAMConfig),
    Links: settings.Links ?? null,
    Aliases: settings.Aliases ?? null,
    MacAddress: wantedMac,
    DriverOpts: settings.DriverOpts ?? null,
    GwPriority: settings.GwPriority ?? 0,
    NetworkID: settings.NetworkID ?? "",
    EndpointID: "",
    Gateway: "",
    IPAddress: "",
    IPPrefixLen: 0,
    IPv6Gateway: "",
    GlobalIPv6Address: "",
    GlobalIPv6PrefixLen: 0,
    DNSNames: settings.DNSNames ?? null,
  };
}

/** Clients send some members empty. */
function withoutEmpty(given: EndpointSettings["IPAMConfig"]): NonNullable<EndpointSettings["IPAMConfig"]> | null {
  if (given === null || given === undefined) return null;
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined && value.length > 0));
}

export function attachedSettings(settings: EndpointSettings, networkId: string, endpointId: string, names: string[] | null, attachment?: Attachment): EndpointSettings {
  return {
    ...detachedSettings(settings),
    MacAddress: attachment?.macAddress ?? "",
    NetworkID: networkId,
    EndpointID: endpointId,
    Gateway: attachment?.ipv4?.gateway ?? "",
    IPAddress: attachment?.ipv4?.address ?? "",
    IPPrefixLen: attachment?.ipv4?.prefix ?? 0,
    IPv6Gateway: attachment?.ipv6?.gateway ?? "",
    GlobalIPv6Address: attachment?.ipv6?.address ?? "",
    GlobalIPv6PrefixLen: attachment?.ipv6?.prefix ?? 0,
    DNSNames: names,
  };
}
