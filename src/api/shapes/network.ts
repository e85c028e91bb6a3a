// Bodies of the network and volume routes.
import { any, bool, integer, list, map, object, string } from "../../wire/go-shape.ts";

const stringMap = map(string);
const strings = list(string);

export const endpointSettings = object("network.EndpointSettings", {
  IPAMConfig: object("network.EndpointIPAMConfig", { IPv4Address: string, IPv6Address: string, LinkLocalIPs: strings }),
  Links: strings,
  Aliases: strings,
  MacAddress: string,
  DriverOpts: stringMap,
  GwPriority: integer("int"),
  NetworkID: string,
  EndpointID: string,
  Gateway: string,
  IPAddress: string,
  IPPrefixLen: integer("int"),
  IPv6Gateway: string,
  GlobalIPv6Address: string,
  GlobalIPv6PrefixLen: integer("int"),
  DNSNames: strings,
});

const ipamConfig = object("network.IPAMConfig", { Subnet: string, IPRange: string, Gateway: string, AuxiliaryAddresses: stringMap });

export const createNetworkShape = object("network.CreateRequest", {
  Name: string,
  CheckDuplicate: bool,
  Driver: string,
  Scope: string,
  EnableIPv4: bool,
  EnableIPv6: bool,
  IPAM: object("network.IPAM", { Driver: string, Options: stringMap, Config: list(ipamConfig) }),
  Internal: bool,
  Attachable: bool,
  Ingress: bool,
  ConfigOnly: bool,
  ConfigFrom: object("network.ConfigReference", { Network: string }),
  Options: stringMap,
  Labels: stringMap,
});

export const connectShape = object("network.ConnectOptions", { Container: string, EndpointConfig: endpointSettings });
export const disconnectShape = object("network.DisconnectOptions", { Container: string, Force: bool });

export const createVolumeShape = object("volume.CreateOptions", { Name: string, Driver: string, DriverOpts: stringMap, Labels: stringMap, ClusterVolumeSpec: any });

export const authShape = object("registry.AuthConfig", { username: string, password: string, auth: string, email: string, serveraddress: string, identitytoken: string, registrytoken: string }, "");
