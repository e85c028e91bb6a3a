// Subnets and addresses: what is taken and what is wanted → what is given. Pure.
import { forbidden, internal, invalid } from "../base/errors.ts";
import { bitsOf, contains, formatIp, formatSubnet, lastOf, overlaps, parseIp, parseSubnet, type Subnet } from "../linux/address.ts";

/** Where a network without a subnet of its own gets one: pool and prefix of each piece, in this order. */
export const DEFAULT_POOLS: readonly { pool: string; prefix: number }[] = [
  { pool: "172.17.0.0/16", prefix: 16 },
  { pool: "172.18.0.0/16", prefix: 16 },
  { pool: "172.19.0.0/16", prefix: 16 },
  { pool: "172.20.0.0/14", prefix: 16 },
  { pool: "172.24.0.0/14", prefix: 16 },
  { pool: "172.28.0.0/14", prefix: 16 },
  { pool: "192.168.0.0/16", prefix: 20 },
];

export interface AddressPool {
  subnet: Subnet;
  /** Addresses are given from here unless asked for; a part of the subnet. */
  range: Subnet;
  /** Neither given nor granted: gateway, auxiliary addresses. */
  reserved: ReadonlySet<bigint>;
  gateway: bigint;
}

export interface PoolInput {
  subnet: string;
  gateway?: string;
  ipRange?: string;
  auxiliary?: readonly string[];
}

/** Checked input of a network row, or `invalid`. */
export function createPool(input: PoolInput): AddressPool {
  const subnet = subnetOf(input.subnet);
  const range = input.ipRange === undefined || input.ipRange === "" ? subnet : subnetOf(input.ipRange);
  const auxiliary = (input.auxiliary ?? []).map((address) => ipOf(address));
  const gateway = input.gateway === undefined || input.gateway === "" ? firstGateway(subnet, range, new Set(auxiliary)) : ipOf(input.gateway);
  return { subnet, range, gateway, reserved: new Set([...auxiliary, gateway]) };
}

/** The lowest free address, or the wanted one. */
export function takeAddress(pool: AddressPool, taken: ReadonlySet<bigint>, network: { name: string; id: string }, wanted?: string): bigint {
  if (wanted !== undefined && wanted !== "") {
    const ip = parseIp(wanted);
    if (ip === undefined) throw invalid(`invalid IP address: ${wanted}`);
    if (!contains(pool.subnet, ip)) throw invalid("Requested address is out of range");
    if (!isUsable(pool.subnet, ip.value) || pool.reserved.has(ip.value) || taken.has(ip.value)) throw forbidden("Address already in use");
    return ip.value;
  }
  const last = lastOf(pool.range);
  for (let value = pool.range.base; value <= last; value++) {
    if (isUsable(pool.subnet, value) && !pool.reserved.has(value) && !taken.has(value)) return value;
  }
  throw internal(`no available IPv${pool.subnet.family} addresses on this network's address pools: ${network.name} (${network.id})`);
}

/** The first piece of the default pools that overlaps nothing in use. */
export function chooseIpv4Subnet(inUse: readonly Subnet[]): { subnet: string; gateway: string } {
  for (const { pool, prefix } of DEFAULT_POOLS) {
    const whole = subnetOf(pool);
    const step = 1n << BigInt(32 - prefix);
    for (let base = whole.base; base <= lastOf(whole); base += step) {
      const subnet: Subnet = { family: 4, base, prefix };
      if (!inUse.some((other) => overlaps(subnet, other))) return { subnet: formatSubnet(subnet), gateway: formatIp(4, base + 1n) };
    }
  }
  throw invalid("all predefined address pools have been fully subnetted");
}

/** A /64 out of fd00::/8, from random bits. */
export function chooseIpv6Subnet(inUse: readonly Subnet[], random: () => bigint): { subnet: string; gateway: string } {
  for (;;) {
    const base = (0xfdn << 120n) | ((random() & 0xffffffffffn) << 80n);
    const subnet: Subnet = { family: 6, base, prefix: 64 };
    if (!inUse.some((other) => overlaps(subnet, other))) return { subnet: formatSubnet(subnet), gateway: formatIp(6, base + 1n) };
  }
}

/** Derived from the address, so that whoever gets an address anew is found where its former owner was. */
export function macOf(family: 4 | 6, value: bigint): string {
  const low = value & 0xffffffffn;
  const bytes = [family === 4 ? 0x02 : 0x06, 0x42, ...[24n, 16n, 8n, 0n].map((shift) => Number((low >> shift) & 255n))];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** The network's own address and the broadcast address are nobody's; tiny subnets have neither. */
function isUsable(subnet: Subnet, value: bigint): boolean {
  if (subnet.prefix >= bitsOf(subnet.family) - 1) return true;
  return value !== subnet.base && (subnet.family === 6 || value !== lastOf(subnet));
}

function firstGateway(subnet: Subnet, range: Subnet, auxiliary: ReadonlySet<bigint>): bigint {
  for (let value = range.base; value <= lastOf(range); value++) if (isUsable(subnet, value) && !auxiliary.has(value)) return value;
  throw invalid("no address is left for the gateway");
}

function subnetOf(text: string): Subnet {
  const subnet = parseSubnet(text);
  if (subnet === undefined) throw invalid(`invalid subnet ${text}: invalid CIDR block notation`);
  return { family: subnet.family, base: subnet.base, prefix: subnet.prefix };
}

function ipOf(text: string): bigint {
  // "a.b.c.d/n" is taken too: the address counts
  const ip = parseIp(text.split("/", 1)[0] ?? "");
  if (ip === undefined) throw invalid(`invalid IP address: ${text}`);
  return ip.value;
}
