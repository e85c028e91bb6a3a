// Internet addresses and subnets as numbers and bytes: parse, format, compare. Pure.

/** An address: family 4 or 6 and its value. */
export interface Ip {
  family: 4 | 6;
  value: bigint;
}

export interface Subnet {
  family: 4 | 6;
  /** First address. */
  base: bigint;
  prefix: number;
}

export function bitsOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

/** Undefined if it is none. */
export function parseIp(text: string): Ip | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Ip | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return { family: 4, value };
}

function parseIpv6(text: string): Ip | undefined {
  let source = text;
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted?.[1] !== undefined && dotted[2] !== undefined) {
    const low = parseIpv4(dotted[2]);
    if (low === undefined) return undefined;
    source = `${dotted[1]}${(low.value >> 16n).toString(16)}:${(low.value & 0xffffn).toString(16)}`;
  }
  const halves = source.split("::");
  if (halves.length > 2) return undefined;
  const left = groupsOf(halves[0] ?? "");
  const right = groupsOf(halves[1] ?? "");
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const group of [...left, ...Array<string>(halves.length === 2 ? missing : 0).fill("0"), ...right]) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    value = (value << 16n) | BigInt(`0x${group}`);
  }
  return { family: 6, value };
}

function groupsOf(half: string): string[] {
  return half === "" ? [] : half.split(":");
}

export function formatIp(family: 4 | 6, value: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 255n).toString()).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16));
  // the longest run of zero groups (two or more), the first of equals, is left out
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === "0") length++;
    if (length > best.length) best = { at, length };
  }
  if (best.at < 0) return groups.join(":");
  return `${groups.slice(0, best.at).join(":")}::${groups.slice(best.at + best.length).join(":")}`;
}

/** `a.b.c.d/n`; bits beyond the prefix are dropped (`exact` tells whether there were none). */
export function parseSubnet(text: string): (Subnet & { exact: boolean; address: bigint }) | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const ip = parseIp(match?.[1] ?? "");
  const prefix = Number(match?.[2]);
  if (ip === undefined || prefix > bitsOf(ip.family)) return undefined;
  const host = BigInt(bitsOf(ip.family) - prefix);
  const base = (ip.value >> host) << host;
  return { family: ip.family, base, prefix, exact: base === ip.value, address: ip.value };
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatIp(subnet.family, subnet.base)}/${subnet.prefix}`;
}

/** Last address of a subnet. */
export function lastOf(subnet: Subnet): bigint {
  return subnet.base + (1n << BigInt(bitsOf(subnet.family) - subnet.prefix)) - 1n;
}

export function contains(subnet: Subnet, ip: Ip): boolean {
  return subnet.family === ip.family && ip.value >= subnet.base && ip.value <= lastOf(subnet);
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  return a.family === b.family && a.base <= lastOf(b) && b.base <= lastOf(a);
}

/** Network byte order. */
export function ipBytes(ip: Ip): Uint8Array {
  const length = bitsOf(ip.family) / 8;
  return Uint8Array.from({ length }, (_, index) => Number((ip.value >> BigInt((length - 1 - index) * 8)) & 255n));
}
