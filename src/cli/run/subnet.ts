// IP networks as numbers, to see which subnet an address is in.
import { failure } from "../failure.ts";
import { isIP } from "./ip-address.ts";

export interface Subnet {
  readonly address: bigint;
  readonly bits: number;
  readonly prefix: number;
}

export function parseSubnet(text: string): Subnet {
  const [address = "", prefixText = ""] = text.split("/");
  const family = isIP(address);
  const bits = family === 6 ? 128 : 32;
  if (family === 0 || !/^\d+$/.test(prefixText) || Number(prefixText) > bits) throw failure(`invalid CIDR address: ${text}`);
  return { address: parseAddress(address), bits, prefix: Number(prefixText) };
}

export function contains({ address, bits, prefix }: Subnet, other: bigint): boolean {
  const shift = BigInt(bits - prefix);
  return address >> shift === other >> shift;
}

/** 0 for what is no address; IPv6 numbers never meet IPv4 ones of the same value in practice. */
export function parseAddress(text: string): bigint {
  const family = isIP(text);
  if (family === 4) return text.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  if (family === 0) return 0n;
  const [head = "", tail] = text.split("::");
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const middle = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...middle, ...right].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

const groups = (part: string) => (part === "" ? [] : part.split(":"));
