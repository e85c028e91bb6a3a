// The network verbs on the real kernel, with containers that are records and a namespace but no process. Needs root.
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { silentLog } from "../../src/base/log.ts";
import type { Config } from "../../src/config.ts";
import { attachContainerNetworks, type ContainerNetworking, detachContainerNetworks } from "../../src/engine/network/attachments.ts";
import { connectNetwork } from "../../src/engine/network/connect.ts";
import { createNetwork, type CreateNetworkRequest } from "../../src/engine/network/create.ts";
import { disconnectNetwork } from "../../src/engine/network/disconnect.ts";
import { hostsFile, resolvConfFile } from "../../src/engine/network/hosts-file.ts";
import { inspectNetwork } from "../../src/engine/network/inspect.ts";
import { ensurePredefinedNetworks, recoverNetworks } from "../../src/engine/network/predefined.ts";
import { removeNetwork } from "../../src/engine/network/remove.ts";
import { Bench } from "../../src/engine/removal/testing/bench.ts";
import { runTool } from "../../src/linux/run-tool.ts";
import { openNetwork } from "../../src/network/network.ts";
import type { ContainerRow } from "../../src/store/store.ts";
import type { EndpointSettings, HostConfig } from "../../src/wire/docker.ts";
import { freeBridge, freeSubnet, isRoot } from "../support/free-network.ts";

setDefaultTimeout(120_000);

const bridge = freeBridge();
const subnet = freeSubnet();
let bench: Bench;
let engine: Parameters<typeof connectNetwork>[0];
const made: string[] = [];
const networks: string[] = [];

beforeAll(async () => {
  if (!isRoot) return;
  bench = await Bench.open();
  const network = openNetwork({ runRoot: join(bench.root, "run"), bridge, workerCommand: [] }, silentLog);
  const config = { bip: `${subnet.at(1)}/24`, bridge, dns: [] as readonly string[] } as unknown as Config;
  engine = { store: bench.store, network, events: bench.events, clock: bench.clock, config, log: silentLog, containerLocks: bench.containerLocks };
  await ensurePredefinedNetworks(engine);
  await recoverNetworks(engine);
});
afterEach(async () => {
  for (const id of made.splice(0)) {
    await stop(id);
    bench.dropContainer(id);
  }
  for (const name of networks.splice(0)) await removeNetwork(engine, name, { actor: {} });
});
afterAll(async () => {
  if (!isRoot) return;
  await engine.network.close();
  await bench.close();
});

/** With a subnet of its own, so that it meets nothing. */
async function makeNetwork(name: string, request: CreateNetworkRequest = {}): Promise<ReturnType<typeof freeSubnet> & { id: string }> {
  const own = freeSubnet();
  const { Id } = await createNetwork(engine, { Name: name, IPAM: { Config: [{ Subnet: own.subnet }] }, Options: { "com.docker.network.bridge.name": freeBridge() }, ...request }, {});
  networks.push(name);
  return { ...own, id: Id };
}

const rowOf = (id: string): ContainerRow => bench.store.view((tx) => tx.containers.find(id)) ?? expect.unreachable("no container");
const change = (id: string, rest: Partial<ContainerRow>): void => bench.store.update((tx) => tx.containers.put({ ...rowOf(id), ...rest }));

async function start(name: string, rest: { networks?: Record<string, EndpointSettings>; hostConfig?: HostConfig; config?: ContainerRow["config"] }): Promise<{ id: string } & ContainerNetworking> {
  const id = bench.container({ name, image: bench.image({ layers: ["l"], salt: name }) });
  change(id, { networks: rest.networks ?? { bridge: {} }, hostConfig: rest.hostConfig ?? { NetworkMode: "bridge" }, config: { Hostname: id.slice(0, 12), ...rest.config } });
  const networking = await attachContainerNetworks(engine, rowOf(id));
  made.push(id);
  const { networks: shown, attachments, ports } = networking;
  change(id, { networks: shown, attachments: { ...attachments }, ports, state: { ...rowOf(id).state, Running: true, Status: "running" } });
  const directory = bench.store.containerPath(id);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "hosts"), hostsFile(engine, rowOf(id), shown));
  writeFileSync(join(directory, "resolv.conf"), await resolvConfFile(engine, rowOf(id)));
  return { id, ...networking };
}

async function stop(id: string): Promise<void> {
  const detached = await detachContainerNetworks(engine, rowOf(id));
  change(id, { ...detached, state: { ...rowOf(id).state, Running: false, Status: "exited" } });
}

const file = (id: string, name: string): string => readFileSync(join(bench.store.containerPath(id), name), "utf8");
const inside = async (netnsPath: string | undefined, ...command: string[]): Promise<string> => (await runTool(["ip", "netns", "exec", basename(netnsPath ?? ""), ...command])).stdout;
const events = (id: string): string[] => bench.eventsSince(0).flatMap((event) => (event.type === "network" && event.attributes["container"] === id ? [`${event.action} ${event.attributes["name"]}`] : []));

describe.skipIf(!isRoot)("network verbs", () => {
  test("the default bridge: address, ports, hosts file, and everything gone after the end", async () => {
    const box = await start("web", { config: { ExposedPorts: { "90/tcp": {} } }, hostConfig: { NetworkMode: "bridge", PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] }, ExtraHosts: ["db:10.0.0.9", "h:host-gateway"] } });
    const settings = rowOf(box.id).networks["bridge"];
    expect(settings).toMatchObject({ IPAddress: subnet.at(2), IPPrefixLen: 24, Gateway: subnet.at(1), DNSNames: null, Aliases: null });
    expect(settings?.EndpointID).toMatch(/^[0-9a-f]{64}$/);
    const [published] = box.ports["80/tcp"] ?? [];
    expect([published?.HostIp, Number(published?.HostPort) > 0, box.ports["90/tcp"]]).toEqual(["127.0.0.1", true, null]);
    expect(file(box.id, "hosts").split("\n").slice(6)).toEqual(["10.0.0.9\tdb", `${subnet.at(1)}\th`, `${subnet.at(2)}\t${box.id.slice(0, 12)}`, ""]);
    expect(file(box.id, "resolv.conf")).not.toContain("127.0.0.11");
    expect(inspectNetwork(engine, "bridge").Containers).toEqual({ [box.id]: { Name: "web", EndpointID: settings?.EndpointID ?? "", MacAddress: settings?.MacAddress ?? "", IPv4Address: `${subnet.at(2)}/24`, IPv6Address: "" } });
    await stop(box.id);
    expect(rowOf(box.id).networks["bridge"]).toMatchObject({ IPAddress: "", EndpointID: "", MacAddress: "", NetworkID: settings?.NetworkID });
    expect(rowOf(box.id).ports).toEqual({});
    expect(inspectNetwork(engine, "bridge").Containers).toEqual({});
    expect(events(box.id)).toEqual(["connect bridge", "disconnect bridge"]);
    await stop(box.id);
    expect(events(box.id)).toHaveLength(2);
  });

  test("links of the default bridge stand in the hosts file", async () => {
    const target = await start("dda", {});
    const box = await start("ddl", { hostConfig: { NetworkMode: "bridge", Links: ["/dda:/ddl/zz"] } });
    expect(file(box.id, "hosts")).toContain(`\n${subnet.at(2)}\tzz ${target.id.slice(0, 12)} dda\n`);
  });

  test("host, none and another container's network", async () => {
    const hosted = await start("hosted", { networks: { host: {} }, hostConfig: { NetworkMode: "host" } });
    expect([hosted.netnsPath, hosted.attachments, rowOf(hosted.id).networks["host"]?.IPAddress]).toEqual([undefined, {}, ""]);
    expect(Object.keys(inspectNetwork(engine, "host").Containers)).toEqual([hosted.id]);
    const alone = await start("alone", { networks: { none: {} }, hostConfig: { NetworkMode: "none" } });
    expect(await inside(alone.netnsPath, "ip", "-o", "link")).toMatch(/^1: lo: <LOOPBACK,UP[^\n]*\n$/);
    const id = bench.container({ name: "guest", image: bench.image({ layers: ["l"], salt: "guest" }) });
    change(id, { networks: {}, hostConfig: { NetworkMode: `container:${alone.id}` } });
    change(alone.id, { state: { ...rowOf(alone.id).state, Pid: 4711 } });
    expect((await attachContainerNetworks(engine, rowOf(id))).netnsPath).toBe("/proc/4711/ns/net");
    await stop(alone.id);
    await expect(attachContainerNetworks(engine, rowOf(id))).rejects.toThrow("cannot join network namespace of a non running container: container alone is exited");
    change(id, { hostConfig: { NetworkMode: "container:gone" } });
    await expect(attachContainerNetworks(engine, rowOf(id))).rejects.toThrow("joining network namespace of container: No such container: gone");
  });

  test("what cannot be attached is undone wholly", async () => {
    const holder = await start("holder", { hostConfig: { NetworkMode: "bridge", PortBindings: { "80/tcp": [{ HostPort: "" }] } } });
    const port = holder.ports["80/tcp"]?.[0]?.HostPort ?? "";
    await makeNetwork("aside");
    const id = bench.container({ name: "late", image: bench.image({ layers: ["l"], salt: "late" }) });
    const fails = async (rest: Partial<ContainerRow>): Promise<string> => {
      change(id, rest);
      return attachContainerNetworks(engine, rowOf(id)).then(() => "attached", (error: unknown) => (error as Error).message);
    };
    expect(await fails({ networks: { aside: {}, bridge: {} }, hostConfig: { NetworkMode: "bridge", PortBindings: { "80/tcp": [{ HostPort: port }] } } })).toMatch(
      new RegExp(`^failed to set up container networking: driver failed programming external connectivity on endpoint late \\([0-9a-f]{64}\\): Bind for 0\\.0\\.0\\.0:${port} failed: port is already allocated$`),
    );
    expect(await fails({ networks: { gone: {} }, hostConfig: { NetworkMode: "gone" } })).toBe("failed to set up container networking: network gone not found");
    expect(await fails({ networks: { bridge: { IPAMConfig: { IPv4Address: subnet.at(9) } } }, hostConfig: { NetworkMode: "bridge" } })).toContain("invalid config for network bridge: invalid endpoint settings:\n* user specified IP address");
    expect(events(id)).toEqual([]);
    expect((await runTool(["ip", "netns", "list"])).stdout).not.toContain(basename(engine.network.namespacePath(id)));
    expect((await start("next", {})).networks["bridge"]?.IPAddress).toBe(subnet.at(3));
  });

  test("several networks: the mode's first, the gateway by priority and name, wanted addresses kept", async () => {
    const [back, front] = [await makeNetwork("back"), await makeNetwork("front")];
    const box = await start("app", { networks: { back: { Aliases: ["al"], IPAMConfig: { IPv4Address: back.at(77) }, MacAddress: "02:11:22:33:44:55" }, front: {} }, hostConfig: { NetworkMode: "front" } });
    expect(await inside(box.netnsPath, "ip", "-o", "-4", "addr")).toMatch(new RegExp(`eth0 +inet ${front.at(2)}/24[\\s\\S]*eth1 +inet ${back.at(77)}/24`));
    expect(await inside(box.netnsPath, "ip", "route", "show", "default")).toContain(`via ${back.at(1)} dev eth1`);
    expect(await inside(box.netnsPath, "cat", "/sys/class/net/eth1/address")).toBe("02:11:22:33:44:55\n");
    expect(rowOf(box.id).networks["back"]?.DNSNames).toEqual(["app", "al", box.id.slice(0, 12)]);
    await stop(box.id);
    expect(rowOf(box.id).networks["back"]).toMatchObject({ IPAMConfig: { IPv4Address: back.at(77) }, Aliases: ["al"], MacAddress: "02:11:22:33:44:55" });
  });

  test("connect and disconnect while it runs: interface, route, ports, files", async () => {
    const [one, two] = [await makeNetwork("one"), await makeNetwork("two")];
    const box = await start("app", { networks: { one: {} }, hostConfig: { NetworkMode: "one", PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] } } });
    const other = await start("peer", { networks: { two: {} }, hostConfig: { NetworkMode: "two" } });
    await connectNetwork(engine, "two", { Container: "app", EndpointConfig: { Aliases: ["al"], GwPriority: 1 } });
    expect(await inside(box.netnsPath, "ip", "route", "show", "default")).toContain(`via ${two.at(1)} dev eth1`);
    expect(file(box.id, "hosts")).toContain(`\n${one.at(2)}\t${box.id.slice(0, 12)}\n${two.at(3)}\t${box.id.slice(0, 12)}\n`);
    expect(await inside(other.netnsPath, "busybox", "nslookup", "al", "127.0.0.11")).toContain(two.at(3));
    const attachments = () => rowOf(box.id).attachments as Record<string, { published: unknown[]; defaultRoute: boolean }>;
    expect([attachments()["one"]?.published.length, attachments()["two"]?.published.length]).toEqual([0, 1]);
    await expect(connectNetwork(engine, "two", { Container: "app" })).rejects.toThrow("endpoint with name app already exists in network two");
    await disconnectNetwork(engine, "two", { Container: "app" });
    expect(await inside(box.netnsPath, "ip", "route", "show", "default")).toContain(`via ${one.at(1)} dev eth0`);
    expect(await inside(box.netnsPath, "ip", "-o", "link")).not.toContain("eth1");
    expect(attachments()["one"]?.published).toHaveLength(1);
    expect(Object.keys(rowOf(box.id).ports ?? {})).toEqual(["80/tcp"]);
    await disconnectNetwork(engine, "one", { Container: box.id.slice(0, 12) });
    expect(rowOf(box.id)).toMatchObject({ networks: {}, attachments: {}, ports: {} });
    expect(file(box.id, "hosts")).not.toContain(box.id.slice(0, 12));
    await expect(disconnectNetwork(engine, "one", { Container: "app" })).rejects.toThrow(`container ${box.id} is not connected to network one`);
    // and back again
    await connectNetwork(engine, "one", { Container: "app" });
    expect(await inside(box.netnsPath, "ip", "route", "show", "default")).toContain("dev eth0");
    expect(events(box.id)).toEqual(["connect one", "connect two", "disconnect two", "disconnect one", "connect one"]);
    await expect(removeNetwork(engine, "one", { actor: {} })).rejects.toThrow(/has active endpoints \(name:"app" id:"[0-9a-f]{12}"\)/);
  });

  test("a container of the default bridge gets names once it joins a network of its user", async () => {
    await makeNetwork("named");
    const box = await start("plain", {});
    await connectNetwork(engine, "named", { Container: "plain" });
    expect(file(box.id, "resolv.conf")).toContain("\nnameserver 127.0.0.11\n");
    expect(await inside(box.netnsPath, "busybox", "nslookup", "plain", "127.0.0.11")).toContain(rowOf(box.id).networks["named"]?.IPAddress ?? "?");
  });
});
