import { expect, test } from "bun:test";
import { formatIp, parseIp, parseSubnet } from "../linux/address.ts";
import { chooseIpv4Subnet, chooseIpv6Subnet, createPool, macOf, type PoolInput, takeAddress } from "./ipam.ts";

const NETWORK = { name: "n", id: "f".repeat(64) };

/** Takes addresses one after the other. */
function pool(input: PoolInput) {
  const made = createPool(input);
  const taken = new Set<bigint>();
  return {
    gateway: formatIp(made.subnet.family, made.gateway),
    take(wanted?: string): string {
      const value = takeAddress(made, taken, NETWORK, wanted);
      taken.add(value);
      return formatIp(made.subnet.family, value);
    },
    give: (address: string) => taken.delete(parseIp(address)?.value ?? 0n),
  };
}

test("the first address is the gateway's, then the lowest free one, also after release", () => {
  const p = pool({ subnet: "10.1.0.0/24" });
  expect(p.gateway).toBe("10.1.0.1");
  expect([p.take(), p.take(), p.take()]).toEqual(["10.1.0.2", "10.1.0.3", "10.1.0.4"]);
  p.give("10.1.0.3");
  expect([p.take(), p.take()]).toEqual(["10.1.0.3", "10.1.0.5"]);
});

test("an ip-range bounds what is given but not what may be asked for", () => {
  const p = pool({ subnet: "10.77.2.0/24", ipRange: "10.77.2.128/30" });
  expect(p.gateway).toBe("10.77.2.128");
  expect(p.take("10.77.2.7")).toBe("10.77.2.7");
  expect([p.take(), p.take(), p.take()]).toEqual(["10.77.2.129", "10.77.2.130", "10.77.2.131"]);
  expect(() => p.take()).toThrow(`no available IPv4 addresses on this network's address pools: n (${NETWORK.id})`);
});

test("auxiliary addresses and the gateway are nobody's", () => {
  const p = pool({ subnet: "10.77.9.0/24", gateway: "10.77.9.3", auxiliary: ["10.77.9.2"] });
  expect([p.take(), p.take()]).toEqual(["10.77.9.1", "10.77.9.4"]);
  for (const address of ["10.77.9.2", "10.77.9.3", "10.77.9.1"]) expect(() => p.take(address)).toThrow("Address already in use");
});

test("network and broadcast addresses are not given or granted, but tiny subnets are used whole", () => {
  const p = pool({ subnet: "10.77.6.0/30" });
  expect(p.take()).toBe("10.77.6.2");
  expect(() => p.take()).toThrow("no available IPv4 addresses");
  expect(() => pool({ subnet: "10.77.1.0/24" }).take("10.77.1.255")).toThrow("Address already in use");
  expect(() => pool({ subnet: "10.77.1.0/24" }).take("10.78.1.5")).toThrow("out of range");
  const tiny = pool({ subnet: "10.77.7.0/31" });
  expect(tiny.gateway).toBe("10.77.7.0");
  expect(tiny.take()).toBe("10.77.7.1");
});

test("IPv6 pools work alike", () => {
  const p = pool({ subnet: "fd77::/64" });
  expect(p.gateway).toBe("fd77::1");
  expect([p.take(), p.take("fd77::50")]).toEqual(["fd77::2", "fd77::50"]);
});

test("subnets come from the default pools in order, around what is in use", () => {
  const chosen: string[] = [];
  for (let n = 0; n < 31; n++) chosen.push(chooseIpv4Subnet(chosen.map((text) => parseSubnet(text) ?? { family: 4, base: 0n, prefix: 0 })).subnet);
  expect(chosen.slice(0, 3)).toEqual(["172.17.0.0/16", "172.18.0.0/16", "172.19.0.0/16"]);
  expect(chosen.slice(14, 17)).toEqual(["172.31.0.0/16", "192.168.0.0/20", "192.168.16.0/20"]);
  const all = chosen.map((text) => parseSubnet(text) ?? { family: 4 as const, base: 0n, prefix: 0 });
  expect(() => chooseIpv4Subnet(all)).toThrow("all predefined address pools have been fully subnetted");
  expect(chooseIpv4Subnet([{ family: 4, base: parseIp("172.17.5.0")?.value ?? 0n, prefix: 24 }]).gateway).toBe("172.18.0.1");
});

test("an IPv6 subnet is a random /64 that is free", () => {
  const bits = [1n, 1n, 2n];
  const random = (): bigint => bits.shift() ?? 9n;
  const first = chooseIpv6Subnet([], random);
  expect(first).toEqual({ subnet: "fd00:0:1::/64", gateway: "fd00:0:1::1" });
  expect(chooseIpv6Subnet([parseSubnet(first.subnet) ?? { family: 6, base: 0n, prefix: 0 }], random).subnet).toBe("fd00:0:2::/64");
});

test("a MAC address follows from the address", () => {
  expect(macOf(4, parseIp("172.17.0.2")?.value ?? 0n)).toBe("02:42:ac:11:00:02");
});
