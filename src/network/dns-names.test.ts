import { expect, test } from "bun:test";
import { parseIp } from "../linux/address.ts";
import { TYPE } from "./dns-message.ts";
import { DnsNames } from "./dns-names.ts";

const A = { id: "net-a", name: "front" };
const B = { id: "net-b", name: "back" };

function endpoint(containerId: string, network: typeof A, address: string, names: string[]) {
  const ip = parseIp(address);
  return { endpointId: `${containerId}-${network.id}`, containerId, networkId: network.id, networkName: network.name, names, ...(ip?.family === 6 ? { ipv6: ip } : { ipv4: ip ?? { family: 4 as const, value: 0n } }) };
}

function world(): DnsNames {
  const names = new DnsNames();
  names.set(endpoint("c1", A, "10.0.0.2", ["web", "www"]));
  names.set(endpoint("c2", A, "10.0.0.3", ["Api", "www"]));
  names.set(endpoint("c3", B, "10.1.0.2", ["db"]));
  return names;
}
const addresses = (resolved: ReturnType<DnsNames["resolve"]>) => resolved?.map((answer) => ("address" in answer ? answer.address.join(".") : answer.name)).toSorted();

test("names are seen on the networks one is on, in any case of letters", () => {
  const names = world();
  expect(addresses(names.resolve("web", TYPE.a, [A]))).toEqual(["10.0.0.2"]);
  expect(addresses(names.resolve("api", TYPE.a, [A]))).toEqual(["10.0.0.3"]);
  expect(names.resolve("db", TYPE.a, [A])).toBeUndefined();
  expect(addresses(names.resolve("db", TYPE.a, [A, B]))).toEqual(["10.1.0.2"]);
});

test("an alias of several gives all of them; the network's name may stand behind", () => {
  const names = world();
  expect(addresses(names.resolve("www", TYPE.a, [A]))).toEqual(["10.0.0.2", "10.0.0.3"]);
  expect(addresses(names.resolve("db.back", TYPE.a, [A, B]))).toEqual(["10.1.0.2"]);
  expect(names.resolve("web.back", TYPE.a, [A, B])).toBeUndefined();
});

test("a known name without an address of that family is empty, not unknown", () => {
  expect(world().resolve("web", TYPE.aaaa, [A])).toEqual([]);
});

test("links rename for one container", () => {
  expect(addresses(world().resolve("database", TYPE.a, [B], new Map([["database", "db"]])))).toEqual(["10.1.0.2"]);
});

test("an address has its container's name, on shared networks only", () => {
  const names = world();
  expect(addresses(names.resolve("2.0.0.10.in-addr.arpa", TYPE.ptr, [A]))).toEqual(["web.front"]);
  expect(names.resolve("2.0.1.10.in-addr.arpa", TYPE.ptr, [A])).toBeUndefined();
});

test("renaming and leaving take the old names away", () => {
  const names = world();
  names.set(endpoint("c1", A, "10.0.0.2", ["shop"]));
  expect(names.resolve("web", TYPE.a, [A])).toBeUndefined();
  expect(addresses(names.resolve("www", TYPE.a, [A]))).toEqual(["10.0.0.3"]);
  names.remove("c1-net-a");
  expect(names.resolve("shop", TYPE.a, [A])).toBeUndefined();
});
