// Names and subnets for tests with real bridges: unlikely to meet anything, and checked.
import { readFileSync } from "node:fs";
import { randomBytes, randomInt } from "node:crypto";
import { networkInterfaces } from "node:os";
import { formatSubnet, overlaps, parseSubnet, type Subnet } from "../../src/linux/address.ts";

/** At most 15 bytes. */
export function freeBridge(): string {
  return `bt${randomBytes(5).toString("hex")}`;
}

/** A /24 of 10.128.0.0/9 that the host has no route to. */
export function freeSubnet(): { subnet: string; at(host: number): string } {
  const known = routes();
  for (;;) {
    const text = `10.${randomInt(128, 256)}.${randomInt(0, 256)}.0/24`;
    const subnet = parseSubnet(text);
    if (subnet === undefined || known.some((other) => overlaps(subnet, other))) continue;
    return { subnet: formatSubnet(subnet), at: (host) => text.replace("0/24", String(host)) };
  }
}

export const isRoot = process.getuid?.() === 0;
export const hasIpv6Loopback = (networkInterfaces()["lo"] ?? []).some((address) => address.family === "IPv6");

function routes(): Subnet[] {
  const lines = readFileSync("/proc/net/route", "utf8").trim().split("\n").slice(1);
  return lines.flatMap((line) => {
    const fields = line.split(/\s+/);
    const prefix = (Number(`0x${fields[7]}`) >>> 0).toString(2).replaceAll("0", "").length;
    const base = Buffer.from(fields[1] ?? "", "hex").toReversed().reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
    return prefix === 0 ? [] : [{ family: 4 as const, base, prefix }];
  });
}
