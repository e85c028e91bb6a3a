import { expect, test } from "bun:test";
import { contains, formatIp, formatSubnet, ipBytes, lastOf, overlaps, parseIp, parseSubnet } from "./address.ts";

const subnet = (text: string) => parseSubnet(text) ?? { family: 4 as const, base: 0n, prefix: 0, exact: false, address: 0n };

test("addresses are read and written back in their shortest form", () => {
  const cases: [string, string][] = [
    ["10.0.0.1", "10.0.0.1"],
    ["255.255.255.255", "255.255.255.255"],
    ["::", "::"],
    ["::1", "::1"],
    ["fd00:0:0:1:0:0:0:2", "fd00:0:0:1::2"],
    ["2001:DB8::FF", "2001:db8::ff"],
    ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
    ["::ffff:10.1.2.3", "::ffff:a01:203"],
  ];
  for (const [given, wanted] of cases) {
    const ip = parseIp(given);
    expect(ip === undefined ? given : formatIp(ip.family, ip.value)).toBe(wanted);
  }
});

test("what is no address is refused", () => {
  for (const text of ["", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4.5", "a", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "12345::", "10.0.0.1/8"]) expect(parseIp(text)).toBeUndefined();
});

test("a subnet's base, last address and exactness", () => {
  expect(formatSubnet(subnet("172.18.5.9/16"))).toBe("172.18.0.0/16");
  expect(subnet("172.18.5.9/16").exact).toBe(false);
  expect(subnet("172.18.0.0/16").exact).toBe(true);
  expect(formatIp(4, lastOf(subnet("10.0.0.0/30")))).toBe("10.0.0.3");
  expect(parseSubnet("10.0.0.0/33")).toBeUndefined();
  expect(parseSubnet("10.0.0.0")).toBeUndefined();
});

test("overlap goes both ways and not between families", () => {
  expect(overlaps(subnet("10.0.0.0/8"), subnet("10.1.0.0/24"))).toBe(true);
  expect(overlaps(subnet("10.1.0.0/24"), subnet("10.0.0.0/8"))).toBe(true);
  expect(overlaps(subnet("10.1.0.0/24"), subnet("10.1.1.0/24"))).toBe(false);
  expect(overlaps(subnet("0.0.0.0/0"), subnet("fd00::/8"))).toBe(false);
  expect(contains(subnet("fd00::/8"), { family: 6, value: parseIp("fdff::1")?.value ?? 0n })).toBe(true);
});

test("bytes are in network order", () => {
  expect([...ipBytes({ family: 4, value: 0x0a000102n })]).toEqual([10, 0, 1, 2]);
  expect(ipBytes({ family: 6, value: 1n })[15]).toBe(1);
});
