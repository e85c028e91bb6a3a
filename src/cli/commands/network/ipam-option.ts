// --subnet, --ip-range, --gateway and --aux-address of `network create`: each range, gateway and address finds its subnet.
import { failure } from "../../failure.ts";
import { contains, parseAddress, parseSubnet } from "../../run/subnet.ts";

export interface IpamFlags {
  readonly subnets: readonly string[];
  readonly ranges: readonly string[];
  readonly gateways: readonly string[];
  readonly auxiliary: Readonly<Record<string, string>>;
}

export interface IpamConfig {
  Subnet?: string;
  IPRange?: string;
  Gateway?: string;
  AuxiliaryAddresses?: Record<string, string>;
}

export function consolidateIpam({ subnets, ranges, gateways, auxiliary }: IpamFlags): IpamConfig[] {
  if (subnets.length < ranges.length || subnets.length < gateways.length) throw failure("every ip-range or gateway must have a corresponding subnet");
  const configs = new Map<string, IpamConfig>();
  for (const subnet of subnets) {
    for (const other of configs.keys()) {
      const [parsed, network] = [parseSubnet(other), parseSubnet(subnet)];
      if (contains(parsed, network.address) || contains(network, parsed.address)) throw failure("multiple overlapping subnet configuration is not supported");
    }
    configs.set(subnet, { Subnet: subnet, AuxiliaryAddresses: {} });
  }
  for (const range of ranges) {
    const config = find(configs, parseSubnet(range).address, "no matching subnet for range ", range);
    if (config.IPRange) throw failure(`cannot configure multiple ranges (${range}, ${config.IPRange}) on the same subnet (${config.Subnet})`);
    config.IPRange = range;
  }
  for (const gateway of gateways) {
    const config = find(configs, parseAddress(gateway), "no matching subnet for gateway ", gateway);
    if (config.Gateway) throw failure(`cannot configure multiple gateways (${gateway}, ${config.Gateway}) for the same subnet (${config.Subnet})`);
    config.Gateway = gateway;
  }
  for (const [name, address] of Object.entries(auxiliary)) find(configs, parseAddress(address), "no matching subnet for aux-address ", address).AuxiliaryAddresses![name] = address;
  return [...configs.values()].map(({ AuxiliaryAddresses, ...config }) => (Object.keys(AuxiliaryAddresses ?? {}).length > 0 ? { ...config, AuxiliaryAddresses } : config));
}

function find(configs: ReadonlyMap<string, IpamConfig>, address: bigint, complaint: string, text: string): IpamConfig {
  for (const [subnet, config] of configs) if (contains(parseSubnet(subnet), address)) return config;
  throw failure(complaint + text);
}
