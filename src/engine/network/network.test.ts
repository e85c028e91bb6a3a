import { afterEach, beforeEach, expect, test } from "bun:test";
import { createKeyedLock } from "../../base/lock.ts";
import { silentLog } from "../../base/log.ts";
import type { Network, NetworkSpec } from "../../network/network.ts";
import type { ContainerRow } from "../../store/store.ts";
import type { EndpointSettings } from "../../wire/docker.ts";
import { pin } from "../removal/pins.ts";
import { Bench } from "../removal/testing/bench.ts";
import { connectNetwork } from "./connect.ts";
import { createNetwork, type CreateNetworkRequest } from "./create.ts";
import { disconnectNetwork } from "./disconnect.ts";
import { attachedSettings, checkEndpointSettings, detachedSettings, dnsNames, parseLinks } from "./endpoint.ts";
import { inspectNetwork } from "./inspect.ts";
import { listNetworks } from "./list.ts";
import { portRequests, portsJson } from "./ports.ts";
import { ensurePredefinedNetworks } from "./predefined.ts";
import { pruneNetworks } from "./prune.ts";
import { removeNetwork } from "./remove.ts";

/** Notes what it was asked for. */
class FakeWorkshop {
  readonly made = new Map<string, NetworkSpec>();
  refusal: Error | undefined;
  private next = 18;
  readonly part = {
    createNetwork: async (spec: NetworkSpec) => {
      if (this.refusal !== undefined) throw this.refusal;
      this.made.set(spec.name, spec);
    },
    removeNetwork: async (spec: NetworkSpec) => void this.made.delete(spec.name),
    chooseSubnet: (six: boolean) => (six ? { subnet: "fd00:1::/64", gateway: "fd00:1::1" } : { subnet: `172.${this.next}.0.0/16`, gateway: `172.${this.next++}.0.1` }),
  } as unknown as Network;
}

let bench: Bench;
let workshop: FakeWorkshop;
let engine: { store: Bench["store"]; network: Network; events: Bench["events"]; clock: Bench["clock"]; log: typeof silentLog; containerLocks: Bench["containerLocks"]; config: never };
beforeEach(async () => {
  bench = await Bench.open();
  workshop = new FakeWorkshop();
  const config = { bip: "172.17.0.1/16", bridge: "berth0", dns: [] } as unknown as never;
  engine = { store: bench.store, network: workshop.part, events: bench.events, clock: bench.clock, log: silentLog, containerLocks: createKeyedLock(), config };
  await ensurePredefinedNetworks(engine);
});
afterEach(() => bench.close());

const failure = async (work: () => unknown): Promise<string> => {
  try {
    await work();
    return "no failure";
  } catch (error) {
    return `${(error as { kind?: string }).kind}: ${(error as Error).message}`;
  }
};
const create = (name: string, rest: CreateNetworkRequest = {}) => createNetwork(engine, { Name: name, ...rest }, {});
const remove = (name: string) => removeNetwork(engine, name, { actor: {} });
const prune = (record: Record<string, string[]> = {}) => pruneNetworks(engine, filters(record), {});
const filters = (record: Record<string, string[]>) => new Map(Object.entries(record));
const names = (record: Record<string, string[]> = {}) => listNetworks(engine, filters(record)).map((network) => network.Name);
const subnet = (text: string, rest: object = {}): CreateNetworkRequest => ({ IPAM: { Config: [{ Subnet: text, ...rest }] } });

function container(name: string, networks: Record<string, EndpointSettings>, rest: Partial<ContainerRow> = {}): string {
  const id = bench.container({ name, image: bench.image({ layers: ["l"], salt: name }) });
  bench.store.update((tx) => {
    const row = tx.containers.find(id);
    if (row !== undefined) tx.containers.put({ ...row, networks, ...rest });
  });
  return id;
}
const networksOf = (id: string) => bench.store.view((tx) => tx.containers.find(id)?.networks ?? {});

test("the predefined networks are made once and look like Docker's", async () => {
  const before = listNetworks(engine);
  await ensurePredefinedNetworks(engine);
  expect(listNetworks(engine)).toEqual(before);
  const [bridge, host, none] = [inspectNetwork(engine, "bridge"), inspectNetwork(engine, "host"), inspectNetwork(engine, "none")];
  expect(bridge).toEqual({
    Name: "bridge", Id: bridge.Id, Created: "2026-01-01T00:00:00Z", Scope: "local", Driver: "bridge", EnableIPv4: true, EnableIPv6: false,
    IPAM: { Driver: "default", Options: null, Config: [{ Subnet: "172.17.0.0/16", Gateway: "172.17.0.1" }] },
    Internal: false, Attachable: false, Ingress: false, ConfigFrom: { Network: "" }, ConfigOnly: false, Containers: {},
    Options: {
      "com.docker.network.bridge.default_bridge": "true", "com.docker.network.bridge.enable_icc": "true", "com.docker.network.bridge.enable_ip_masquerade": "true",
      "com.docker.network.bridge.host_binding_ipv4": "0.0.0.0", "com.docker.network.bridge.name": "berth0", "com.docker.network.driver.mtu": "1500",
    },
    Labels: {},
  });
  expect([host.Driver, host.IPAM.Config, none.Driver]).toEqual(["host", null, "null"]);
});

test("a network gets a subnet, a bridge and an event; JSON as given", async () => {
  const { Id } = await create("net", { Internal: true, Attachable: true, EnableIPv6: true, Labels: { a: "b" }, Options: { "com.docker.network.bridge.name": "br7", "com.docker.network.driver.mtu": "1400", x: "y" }, IPAM: { Options: { o: "p" }, ...subnet("10.7.0.0/24", { IPRange: "10.7.0.128/25", AuxiliaryAddresses: { aux: "10.7.0.129" } }).IPAM } });
  const json = inspectNetwork(engine, "net");
  expect(json).toMatchObject({ Id, Internal: true, Attachable: true, EnableIPv6: true, Labels: { a: "b" }, Options: { x: "y" } });
  expect(json.IPAM).toEqual({ Driver: "default", Options: { o: "p" }, Config: [{ Subnet: "10.7.0.0/24", IPRange: "10.7.0.128/25", AuxiliaryAddresses: { aux: "10.7.0.129" } }, { Subnet: "fd00:1::/64", Gateway: "fd00:1::1" }] });
  expect(workshop.made.get("net")).toMatchObject({ bridge: "br7", mtu: 1400, internal: true, names: true, icc: true });
  expect(bench.eventsSince(0).at(-1)).toMatchObject({ type: "network", action: "create", actorId: Id, attributes: { name: "net", type: "bridge" } });
  await create("plain");
  expect(inspectNetwork(engine, "plain").IPAM).toEqual({ Driver: "default", Options: null, Config: [{ Subnet: "172.18.0.0/16", Gateway: "172.18.0.1" }] });
});

test("requests that cannot be are refused with Docker's words and kind", async () => {
  await create("twin");
  const cases: [string, CreateNetworkRequest, string][] = [
    ["", {}, "invalid: invalid name: name is empty"],
    ["twin", {}, "conflict: network with name twin already exists"],
    ["host", {}, "forbidden: operation is not permitted on predefined host network "],
    ["x", { Driver: "foo" }, 'not_found: plugin "foo" not found'],
    ["x", { Driver: "null" }, 'forbidden: only one instance of "null" network is allowed'],
    ["x", { Scope: "swarm" }, "forbidden: cannot create a swarm scoped network when swarm is not active"],
    ["x", { Ingress: true }, "forbidden: Ingress network can only be global scope network"],
    ["x", { IPAM: { Driver: "foo" } }, 'not_found: plugin "foo" not found'],
    ["x", subnet("foo"), "invalid: invalid network config:\ninvalid subnet foo: invalid CIDR block notation"],
    ["x", { IPAM: { Config: [{ Gateway: "10.0.0.1" }] } }, "invalid: invalid network config:\ninvalid subnet : invalid CIDR block notation"],
    ["x", subnet("172.18.0.5/16"), "invalid: invalid network config:\ninvalid subnet 172.18.0.5/16: it should be 172.18.0.0/16"],
    ["x", subnet("10.77.0.0/24", { Gateway: "10.78.0.1" }), "invalid: invalid network config:\ninvalid gateway 10.78.0.1: parent subnet 10.77.0.0/24 doesn't contain this address"],
    ["x", subnet("10.77.0.0/24", { IPRange: "10.78.0.0/25" }), "invalid: invalid network config:\ninvalid ip-range 10.78.0.0/25: parent subnet 10.77.0.0/24 doesn't contain ip-range"],
    ["x", subnet("10.77.0.0/24", { AuxiliaryAddresses: { a: "10.78.0.3" } }), "invalid: invalid network config:\ninvalid auxiliary address a: parent subnet 10.77.0.0/24 doesn't contain this address"],
    ["x", { Options: { "com.docker.network.driver.mtu": "foo" } }, 'invalid: failed to parse com.docker.network.driver.mtu value: foo (strconv.Atoi: parsing "foo": invalid syntax)'],
    ["x", { Options: { "com.docker.network.bridge.enable_icc": "foo" } }, 'invalid: failed to parse com.docker.network.bridge.enable_icc value: foo (strconv.ParseBool: parsing "foo": invalid syntax)'],
    ["x", { Options: { "com.docker.network.bridge.gateway_mode_ipv4": "xx" } }, "invalid: failed to parse com.docker.network.bridge.gateway_mode_ipv4 value: xx (unknown gateway mode xx)"],
    ["x", { Options: { "com.docker.network.bridge.name": "waytoolongbridgename" } }, "internal: numerical result out of range"],
  ];
  for (const [name, request, text] of cases) expect(await failure(() => create(name, request))).toBe(text);
  expect(await failure(() => create("x", { Options: { "com.docker.network.bridge.name": "berth0" } }))).toMatch(/^forbidden: cannot create network [0-9a-f]{64} \(berth0\): conflicts with network [0-9a-f]{64} \(berth0\): networks have same bridge name$/);
  expect(names()).toEqual(["bridge", "host", "none", "twin"]);
});

test("a network that the kernel refuses leaves no row", async () => {
  workshop.refusal = new Error("no more");
  expect(await failure(() => create("net"))).toContain("no more");
  expect(names()).not.toContain("net");
});

test("lookup: full id, then name, then prefix", async () => {
  const { Id } = await create("net");
  await create(Id.slice(0, 6));
  expect(inspectNetwork(engine, Id).Name).toBe("net");
  expect(inspectNetwork(engine, Id.slice(0, 6)).Name).toBe(Id.slice(0, 6));
  expect(inspectNetwork(engine, Id.slice(0, 12)).Name).toBe("net");
  expect(await failure(() => inspectNetwork(engine, "nope"))).toBe("not_found: network nope not found");
  expect(await failure(() => inspectNetwork(engine, "net", { scope: "swarm" }))).toBe("not_found: network net not found");
});

test("lists are filtered", async () => {
  await create("web", { Labels: { tier: "front" } });
  const { Id } = await create("db");
  container("c", { db: { EndpointID: "e" } });
  expect(names({ name: ["we"] })).toEqual(["web"]);
  expect(names({ id: [Id.slice(0, 8)] })).toEqual(["db"]);
  expect(names({ driver: ["null"] })).toEqual(["none"]);
  expect(names({ type: ["builtin"] })).toEqual(["bridge", "host", "none"]);
  expect(names({ type: ["custom"] })).toEqual(["web", "db"]);
  expect(names({ label: ["tier=front"] })).toEqual(["web"]);
  expect(names({ scope: ["swarm"] })).toEqual([]);
  expect(names({ dangling: ["true"] })).toEqual(["web"]);
  expect(await failure(() => names({ foo: ["x"] }))).toBe("invalid: invalid filter 'foo'");
  expect(await failure(() => names({ type: ["x"] }))).toBe("internal: invalid filter: 'type'='x'");
  expect(await failure(() => names({ dangling: ["x"] }))).toBe(`invalid: invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")`);
});

test("removal: not the predefined ones, not while somebody is on it, not when pinned", async () => {
  const { Id } = await create("net");
  expect(await failure(() => remove("bridge"))).toBe("forbidden: bridge is a pre-defined network and cannot be removed");
  const id = container("ddc1", { net: { EndpointID: "10a6794824f2aaaa" } });
  expect(await failure(() => remove("net"))).toBe('forbidden: error while removing network: network net has active endpoints (name:"ddc1" id:"10a6794824f2")');
  bench.dropContainer(id);
  pin(engine, { kind: "network", name: "net", actor: {} });
  expect(await failure(() => remove("net"))).toContain("network is pinned");
  bench.store.update((tx) => tx.pins.remove(`network:${Id}`));
  await remove(Id.slice(0, 10));
  expect(workshop.made.has("net")).toBe(false);
  expect(await failure(() => remove("net"))).toBe("not_found: network net not found");
  expect(bench.eventsSince(0).at(-1)).toMatchObject({ action: "destroy", attributes: { name: "net", type: "bridge" } });
});

test("prune takes what no container refers to, stopped ones included; no network is null", async () => {
  await create("used");
  await create("old", { Labels: { keep: "" } });
  container("stopped", { used: {} });
  expect(await prune({ "label!": ["keep"] })).toEqual({ NetworksDeleted: null });
  expect(await prune({ until: ["24h"] })).toEqual({ NetworksDeleted: null });
  expect(await prune()).toEqual({ NetworksDeleted: ["old"] });
  expect(bench.eventsSince(0).at(-1)).toMatchObject({ action: "prune", attributes: { reclaimed: "0" } });
  expect(names()).toEqual(["bridge", "host", "none", "used"]);
  expect(await failure(() => prune({ until: ["1h", "2h"] }))).toBe("invalid: more than one until filter specified");
  expect(await failure(() => prune({ foo: ["1h"] }))).toBe("invalid: invalid filter 'foo'");
});

test("a stopped container's networks are changed in its record alone", async () => {
  await create("net", subnet("10.8.0.0/24"));
  const id = container("c", { bridge: {} }, { hostConfig: { NetworkMode: "bridge" } });
  await connectNetwork(engine, "net", { Container: "c", EndpointConfig: { Aliases: ["al"], IPAMConfig: { IPv4Address: "10.8.0.5" } } });
  expect(networksOf(id)["net"]).toEqual({
    ...detachedSettings({}), IPAMConfig: { IPv4Address: "10.8.0.5" }, Aliases: ["al"], DNSNames: ["c", "al", id.slice(0, 12)],
  });
  await disconnectNetwork(engine, "net", { Container: id.slice(0, 12) });
  expect(Object.keys(networksOf(id))).toEqual(["bridge"]);
  expect(await failure(() => disconnectNetwork(engine, "net", { Container: "c" }))).toBe(`internal: container ${id} is not connected to the network net`);
});

test("connections that cannot be are refused with Docker's words", async () => {
  await create("net");
  await create("fixed", subnet("10.8.0.0/24"));
  container("bridged", { bridge: {} }, { hostConfig: { NetworkMode: "bridge" } });
  container("hosted", { host: {} }, { hostConfig: { NetworkMode: "host" } });
  container("private", { none: {} }, { hostConfig: { NetworkMode: "none" } });
  container("joined", {}, { hostConfig: { NetworkMode: "container:x" } });
  const connect = (network: string, name: string, settings: EndpointSettings = {}) => failure(() => connectNetwork(engine, network, { Container: name, EndpointConfig: settings }));
  expect(await connect("nope", "bridged")).toBe("not_found: network nope not found");
  expect(await connect("net", "nope")).toBe("not_found: No such container: nope");
  expect(await connect("host", "bridged")).toBe("invalid: cannot connect container to host network - container must be created in host network mode");
  expect(await connect("none", "bridged")).toBe("invalid: container cannot be connected to multiple networks with one of the networks in private (none) mode");
  expect(await connect("net", "private")).toBe("invalid: container cannot be connected to multiple networks with one of the networks in private (none) mode");
  for (const name of ["hosted", "joined"]) expect(await connect("net", name)).toBe("invalid: container sharing network namespace with another container or host cannot be connected to any other network");
  expect(await connect("net", "bridged", { IPAMConfig: { IPv4Address: "172.18.0.9" } })).toBe("invalid: invalid endpoint settings:\nuser specified IP address is supported only when connecting to networks with user configured subnets");
  expect(await connect("fixed", "bridged", { IPAMConfig: { IPv4Address: "10.9.0.9" } })).toBe("invalid: invalid endpoint settings:\nno configured subnet or ip-range contain the IP address 10.9.0.9");
  expect(await connect("fixed", "bridged", { IPAMConfig: { IPv4Address: "zz", IPv6Address: "1.2.3.4" } })).toBe(
    "invalid: invalid endpoint settings:\n* invalid IPv4 address: zz\n* invalid IPv6 address: 1.2.3.4\n* no configured subnet or ip-range contain the IP address zz\n* user specified IP address is supported only when connecting to networks with user configured subnets",
  );
  expect(await connect("bridge", "bridged", { Aliases: ["q"] })).toBe("invalid: invalid endpoint settings:\nnetwork-scoped alias is supported only for containers in user defined networks");
  expect(await connect("fixed", "bridged", { MacAddress: "zz" })).toBe("invalid: invalid MAC address zz");
  expect(await failure(() => disconnectNetwork(engine, "net", { Container: "nope", Force: true }))).toBe("not_found: endpoint nope not found");
});

test("settings of an endpoint: names, links, and back to nothing", () => {
  const network = bench.store.view((tx) => tx.networks.by("name", "bridge")[0]);
  if (network === undefined) return expect.unreachable();
  const own = { ...network, predefined: false };
  const row = { id: "0123456789abcdef", name: "web", config: { Hostname: "hh" } };
  expect(dnsNames(row, own, { Aliases: ["www", "web"] })).toEqual(["web", "www", "0123456789ab", "hh"]);
  expect(dnsNames(row, network, {})).toBeNull();
  expect(parseLinks(["dda:zz", "plain"])).toEqual({ zz: "dda", plain: "plain" });
  const attached = attachedSettings({ Aliases: ["a"], GwPriority: 5 }, "n", "e", ["web"]);
  expect([attached.NetworkID, attached.EndpointID, attached.DNSNames, attached.GwPriority]).toEqual(["n", "e", ["web"], 5]);
  expect(detachedSettings(attached)).toMatchObject({ NetworkID: "n", EndpointID: "", DNSNames: ["web"], Aliases: ["a"], MacAddress: "" });
  expect(() => checkEndpointSettings(network, null)).not.toThrow();
});

test("ports: fixed ones first, ranges expanded, exposed ones shown empty", () => {
  const row = {
    config: { ExposedPorts: { "90/tcp": {}, "8000-8001": {} } },
    hostConfig: { PortBindings: { "81/udp": [{ HostIp: "", HostPort: "" }], "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }, { HostPort: "8081" }] }, PublishAllPorts: false },
  };
  expect(portRequests(row).map((port) => `${port.hostIp}:${port.hostPort}:${port.containerPort}/${port.protocol}`)).toEqual(["127.0.0.1:8080:80/tcp", ":8081:80/tcp", "::81/udp"]);
  expect(portRequests({ ...row, hostConfig: { ...row.hostConfig, PublishAllPorts: true } })).toHaveLength(6);
  expect(portsJson(row, [{ containerPort: 80, protocol: "tcp", hostIp: "0.0.0.0", hostPort: 8080 }, { containerPort: 80, protocol: "tcp", hostIp: "::", hostPort: 8080 }])).toEqual({
    "90/tcp": null, "8000/tcp": null, "8001/tcp": null, "81/udp": null, "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8080" }, { HostIp: "::", HostPort: "8080" }],
  });
});
