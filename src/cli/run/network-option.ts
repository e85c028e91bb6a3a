// --network NAME or name=…,alias=…,ip=…; and what the single flags (--ip, --network-alias, …) add to the first network.
import type { EndpointSettings } from "../../wire/docker.ts";
import { failure } from "../failure.ts";
import { splitCsv } from "./csv.ts";

export interface NetworkOption {
  target: string;
  aliases: string[];
  driverOptions: Record<string, string>;
  links: string[];
  ipv4: string;
  ipv6: string;
  linkLocal: string[];
  mac: string;
  gatewayPriority: number;
}

export function emptyNetworkOption(target: string): NetworkOption {
  return { target, aliases: [], driverOptions: {}, links: [], ipv4: "", ipv6: "", linkLocal: [], mac: "", gatewayPriority: 0 };
}

export function parseNetworkOption(text: string): NetworkOption {
  if (!/\w+=\w+(,\w+=\w+)*/.test(text)) return emptyNetworkOption(text);
  const option = emptyNetworkOption("");
  for (const field of splitCsv(text)) setField(option, field);
  if (option.target === "") throw failure("network name/id is not specified");
  return option;
}

function setField(option: NetworkOption, field: string): void {
  const equals = field.indexOf("=");
  if (equals < 1) throw failure(`invalid network field: ${field}`);
  const key = field.slice(0, equals).trim().toLowerCase();
  const value = field.slice(equals + 1).trim();
  switch (key) {
    case "name":
      option.target = value;
      return;
    case "alias":
      option.aliases.push(value);
      return;
    case "driver-opt": {
      const cut = value.indexOf("=");
      if (cut < 1) throw failure("invalid key value pair format in driver options");
      option.driverOptions[value.slice(0, cut).trim().toLowerCase()] = value.slice(cut + 1).trim();
      return;
    }
    case "ip":
      option.ipv4 = value;
      return;
    case "ip6":
      option.ipv6 = value;
      return;
    case "mac-address":
      option.mac = value;
      return;
    case "link-local-ip":
      option.linkLocal.push(value);
      return;
    case "gw-priority":
      if (!/^[+-]?\d+$/.test(value)) throw failure(`invalid gw-priority (${value}): invalid syntax`);
      option.gatewayPriority = Number(value);
      return;
    default:
      throw failure(`invalid field key ${key}`);
  }
}

export function isUserDefined(mode: string): boolean {
  return !["default", "bridge", "host", "none", "nat", ""].includes(mode) && !mode.startsWith("container:");
}

/** The endpoint of one network in the API's form. */
export function endpointOf(option: NetworkOption): EndpointSettings {
  if (option.target.trim() === "") throw failure("no name set for network");
  if (!isUserDefined(option.target)) {
    if (option.aliases.length > 0) throw failure("network-scoped aliases are only supported for user-defined networks");
    if (option.links.length > 0) throw failure("links are only supported for user-defined networks");
  }
  const hasIpam = option.ipv4 !== "" || option.ipv6 !== "" || option.linkLocal.length > 0;
  return {
    ...(option.aliases.length > 0 ? { Aliases: option.aliases } : {}),
    ...(option.links.length > 0 ? { Links: option.links } : {}),
    ...(Object.keys(option.driverOptions).length > 0 ? { DriverOpts: option.driverOptions } : {}),
    ...(hasIpam ? { IPAMConfig: ipamOf(option) } : {}),
    ...(option.mac === "" ? {} : { MacAddress: option.mac }),
    ...(option.gatewayPriority === 0 ? {} : { GwPriority: option.gatewayPriority }),
  };
}

function ipamOf({ ipv4, ipv6, linkLocal }: NetworkOption) {
  return { ...(ipv4 ? { IPv4Address: ipv4 } : {}), ...(ipv6 ? { IPv6Address: ipv6 } : {}), ...(linkLocal.length > 0 ? { LinkLocalIPs: linkLocal } : {}) };
}
