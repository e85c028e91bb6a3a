// The network workshop on the real kernel: bridges, namespaces, published ports, names. Needs root. All traffic stays in
// namespaces and on addresses made here.
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes, randomInt } from "node:crypto";
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { release } from "node:os";
import { connect, createServer, type AddressInfo } from "node:net";
import { basename } from "node:path";
import { silentLog } from "../../src/base/log.ts";
import { openNamespaces } from "../../src/linux/namespaces.ts";
import { runTool } from "../../src/linux/run-tool.ts";
import { openSocketCalls } from "../../src/linux/socket-calls.ts";
import { type Attachment, type Network, type NetworkSpec, openNetwork, type PortRequest } from "../../src/network/network.ts";
import { freeBridge, freeSubnet, hasIpv6Loopback, isRoot } from "../support/free-network.ts";

setDefaultTimeout(120_000);

const bridge = freeBridge();
const subnet = freeSubnet();
const runRoot = isRoot ? mkdtempSync("/tmp/berth-network-test-") : "";
const namespaces = isRoot ? openNamespaces(openSocketCalls()) : undefined;
let network: Network;
const open = (): Network => openNetwork({ runRoot, bridge, workerCommand: [] }, silentLog);
const closers: (() => unknown)[] = [];
const containers = new Map<string, { attachments: Map<Attachment, NetworkSpec> }>();
const networks = new Map<string, NetworkSpec>();

const DEFAULT: NetworkSpec = {
  id: randomBytes(32).toString("hex"), name: "bridge", bridge, subnets: [{ subnet: subnet.subnet, gateway: subnet.at(1) }],
  internal: false, enableIPv6: false, mtu: 1500, icc: true, masquerade: true, hostBindingIp: "0.0.0.0", names: false,
};

async function makeNetwork(rest: Partial<NetworkSpec> = {}): Promise<NetworkSpec & { at(host: number): string }> {
  const own = freeSubnet();
  const id = randomBytes(32).toString("hex");
  const spec: NetworkSpec = { ...DEFAULT, id, name: `n${id.slice(0, 6)}`, bridge: freeBridge(), subnets: [{ subnet: own.subnet, gateway: own.at(1) }], names: true, ...rest };
  await network.createNetwork(spec);
  networks.set(id, spec);
  return { ...spec, at: own.at };
}

interface Box {
  id: string;
  netnsPath: string;
  attachment: Attachment;
  address: string;
}

async function makeBox(spec: NetworkSpec, options: { names?: string[]; publish?: PortRequest[]; dns?: string[]; links?: Record<string, string>; ipv4?: string } = {}): Promise<Box> {
  const id = randomBytes(32).toString("hex");
  const netnsPath = await network.createNamespace(id);
  containers.set(id, { attachments: new Map() });
  const attachment = await join({ id, netnsPath }, spec, options);
  return { id, netnsPath, attachment, address: attachment.ipv4?.address ?? "" };
}

async function join(box: Pick<Box, "id" | "netnsPath">, spec: NetworkSpec, options: { names?: string[]; publish?: PortRequest[]; dns?: string[]; links?: Record<string, string>; ipv4?: string; interfaceName?: string } = {}): Promise<Attachment> {
  const { interfaceName = "eth0", names = [`c${box.id.slice(0, 6)}`], publish = [], ...rest } = options;
  const attachment = await network.attach({
    network: spec, containerId: box.id, endpointId: randomBytes(32).toString("hex"), netnsPath: box.netnsPath, names, interfaceName, defaultRoute: interfaceName === "eth0", publish, ...rest,
  });
  containers.get(box.id)?.attachments.set(attachment, spec);
  return attachment;
}

async function removeBox(id: string): Promise<void> {
  for (const [attachment, spec] of containers.get(id)?.attachments ?? []) await network.detach(attachment, spec, { namespaceEnds: true });
  await network.removeNamespace(id);
  containers.delete(id);
}

/** A TCP server in the box that answers with who asked. */
function serveTcp(box: Box, port: number): void {
  const server = namespaces?.within(box.netnsPath, () =>
    Bun.listen({ hostname: "0.0.0.0", port, socket: { open: (socket) => void socket.end(`from ${socket.remoteAddress}`), data: () => undefined } }),
  );
  closers.push(() => server?.stop(true));
}

async function serveUdp(box: Box, port: number): Promise<void> {
  const server = namespaces?.within(box.netnsPath, () =>
    Bun.udpSocket({ hostname: "0.0.0.0", port, socket: { data: (socket, bytes, from, address) => void socket.send(`${bytes.toString()} from ${address} to ${box.address}`, from, address) } }),
  );
  closers.push(async () => (await server)?.close());
}

/** What a server says to the host; "refused", "timeout" otherwise. */
function ask(address: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    let got = "";
    socket.setTimeout(30_000, () => socket.destroy(new Error("timeout")));
    socket.on("data", (bytes) => (got += String(bytes)));
    socket.on("error", (error) => resolve((error as NodeJS.ErrnoException).code ?? error.message));
    socket.on("end", () => resolve(got));
  });
}

/** UDP may be lost: sent again until something comes. */
function askUdp(address: string, port: number, bytes: Uint8Array | string = "ping"): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const socket: UdpSocket = createSocket(address.includes(":") ? "udp6" : "udp4");
    const send = (): void => socket.send(bytes, port, address);
    const again = setInterval(send, 500);
    const limit = setTimeout(() => finish(() => reject(new Error(`no answer from ${address}:${port}`))), 30_000);
    const finish = (then: () => void): void => {
      clearInterval(again);
      clearTimeout(limit);
      socket.close();
      then();
    };
    socket.on("message", (answer) => finish(() => resolve(answer)));
    socket.on("error", () => undefined);
    send();
  });
}

/** A command inside the box. */
async function inside(box: Pick<Box, "netnsPath">, ...command: string[]): Promise<{ exitCode: number; text: string }> {
  const { exitCode, stdout, stderr } = await runTool(["ip", "netns", "exec", basename(box.netnsPath), ...command], "", 60_000);
  return { exitCode, text: stdout + stderr };
}
const fetchInside = async (box: Box, address: string, port: number, seconds = 30): Promise<string> => {
  const { exitCode, text } = await inside(box, "sh", "-c", `busybox nc -w ${seconds} ${address} ${port} </dev/null`);
  return exitCode === 0 && text !== "" ? text : "nothing";
};
const resolveInside = async (box: Box, name: string): Promise<string[]> => {
  const { text } = await inside(box, "busybox", "nslookup", name, "127.0.0.11");
  return text.split("\n").slice(2).flatMap((line) => /(?:Address(?: \d+)?:|name =) *(\S+)/.exec(line)?.[1] ?? []).toSorted();
};
const links = async (): Promise<string> => (await runTool(["ip", "-o", "link"])).stdout;
/** Interfaces at our bridge; those of removed namespaces go in the kernel's own time. */
const portsOf = async (name: string): Promise<string[]> => [...(await runTool(["ip", "-o", "link", "show", "master", name])).stdout.matchAll(/^\d+: ([^@:]+)/gm)].map((match) => match[1] ?? "");
const published = (attachment: Attachment, protocol = "tcp"): number => attachment.published.find((port) => port.protocol === protocol)?.hostPort ?? 0;
const PUBLISH_80: PortRequest[] = [{ containerPort: 80, protocol: "tcp", hostPort: "" }];

describe.skipIf(!isRoot)("network", () => {
  beforeAll(async () => {
    network = open();
    await network.recover([DEFAULT], []);
    networks.set(DEFAULT.id, DEFAULT);
  });
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
    for (const id of containers.keys()) await removeBox(id);
    for (const spec of networks.values()) {
      if (spec.id === DEFAULT.id) continue;
      await network.removeNetwork(spec);
      networks.delete(spec.id);
    }
  });
  afterAll(async () => {
    await network.close();
    rmSync(runRoot, { recursive: true, force: true });
    const left = `${await links()}${(await runTool(["nft", "list", "ruleset"])).stdout}`;
    expect(left).not.toContain(bridge);
  });

  test("two containers of a bridge and the host reach each other", async () => {
    const [a, b] = [await makeBox(DEFAULT), await makeBox(DEFAULT)];
    expect([a.address, b.address]).toEqual([subnet.at(2), subnet.at(3)]);
    serveTcp(b, 80);
    expect(await fetchInside(a, b.address, 80)).toBe(`from ${a.address}`);
    expect(await ask(b.address, 80)).toBe(`from ${subnet.at(1)}`);
    expect((await network.counters(a.netnsPath))["eth0"]?.rxPackets).toBeGreaterThan(0);
    expect((await inside(a, "ip", "route", "show", "default")).text).toContain(`via ${subnet.at(1)} dev eth0`);
  });

  test("an address that was given back is given again and works at once", async () => {
    const first = await makeBox(DEFAULT);
    serveTcp(first, 80);
    expect(await ask(first.address, 80)).toContain("from");
    for (const close of closers.splice(0)) await close();
    await removeBox(first.id);
    const second = await makeBox(DEFAULT);
    expect(second.address).toBe(first.address);
    serveTcp(second, 80);
    expect(await ask(second.address, 80)).toContain("from");
  });

  test("a published port is reached from the loopback, from the host's address, by IPv6 and from a sibling", async () => {
    const box = await makeBox(DEFAULT, { publish: PUBLISH_80 });
    const port = published(box.attachment);
    serveTcp(box, 80);
    expect(await ask("127.0.0.1", port)).toBe(`from ${subnet.at(1)}`);
    expect(await ask(subnet.at(1), port)).toContain("from");
    if (hasIpv6Loopback) expect(await ask("::1", port)).toBe(`from ${subnet.at(1)}`);
    expect(await fetchInside(await makeBox(DEFAULT), subnet.at(1), port)).toContain("from");
    // and by itself
    expect(await fetchInside(box, subnet.at(1), port)).toContain("from");
    await removeBox(box.id);
    expect(await ask("127.0.0.1", port)).toBe("ECONNREFUSED");
  });

  test("a port published on the loopback address alone is not reached by another", async () => {
    const box = await makeBox(DEFAULT, { publish: [{ containerPort: 80, protocol: "tcp", hostIp: "127.0.0.1", hostPort: "" }] });
    serveTcp(box, 80);
    expect(await ask("127.0.0.1", published(box.attachment))).toContain("from");
    expect(await ask(subnet.at(1), published(box.attachment))).toBe("ECONNREFUSED");
  });

  test("UDP is published too", async () => {
    const box = await makeBox(DEFAULT, { publish: [{ containerPort: 5300, protocol: "udp", hostPort: "" }] });
    await serveUdp(box, 5300);
    const port = published(box.attachment, "udp");
    expect(String(Buffer.from(await askUdp("127.0.0.1", port)))).toBe(`ping from ${subnet.at(1)} to ${box.address}`);
    if (hasIpv6Loopback) expect(String(Buffer.from(await askUdp("::1", port)))).toBe(`ping from ${subnet.at(1)} to ${box.address}`);
  });

  // older kernels cannot select which connections to forget
  const [major = 0, minor = 0] = release().split(".").map(Number);
  test.skipIf(major < 6 || (major === 6 && minor < 9))("datagrams of a caller who goes on calling reach the next container at that port", async () => {
    const request: PortRequest = { containerPort: 5300, protocol: "udp", hostPort: "" };
    const first = await makeBox(DEFAULT, { publish: [request] });
    await serveUdp(first, 5300);
    const port = published(first.attachment, "udp");
    const caller = createSocket("udp4");
    closers.push(() => caller.close());
    const heard = async (who: Box): Promise<void> => {
      const again = setInterval(() => caller.send("ping", port, "127.0.0.1"), 100);
      for (let text = ""; !text.endsWith(` to ${who.address}`); ) text = await new Promise<string>((resolve) => caller.once("message", (bytes) => resolve(String(bytes))));
      clearInterval(again);
    };
    await heard(first);
    const second = await makeBox(DEFAULT);
    await serveUdp(second, 5300);
    await removeBox(first.id);
    // a new address behind the same port
    containers.get(second.id)?.attachments.delete(second.attachment);
    containers.get(second.id)?.attachments.set(await network.makeGateway(second.attachment, DEFAULT, [{ ...request, hostPort: String(port) }]), DEFAULT);
    await heard(second);
  });

  test("a port that is taken, by a container or by a program, fails the attachment and leaves nothing of it", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
    closers.push(() => server.close());
    const taken = (server.address() as AddressInfo).port;
    const holder = await makeBox(DEFAULT, { publish: PUBLISH_80 });
    const id = randomBytes(32).toString("hex");
    const netnsPath = await network.createNamespace(id);
    containers.set(id, { attachments: new Map() });
    const before = new Set(await portsOf(bridge));
    const attempt = (hostPort: number): Promise<string> =>
      join({ id, netnsPath }, DEFAULT, { names: ["late"], publish: [{ containerPort: 80, protocol: "tcp", hostPort: String(hostPort) }] }).then(() => "attached", (error: unknown) => (error as Error).message);
    expect(await attempt(published(holder.attachment))).toMatch(new RegExp(`^driver failed programming external connectivity on endpoint late \\([0-9a-f]{64}\\): Bind for 0\\.0\\.0\\.0:${published(holder.attachment)} failed: port is already allocated$`));
    expect(await attempt(taken)).toContain(`failed to bind host port for 0.0.0.0:${taken}:${subnet.at(3)}:80/tcp: address already in use`);
    expect((await portsOf(bridge)).filter((name) => !before.has(name))).toEqual([]);
    // the address as well
    expect((await join({ id, netnsPath }, DEFAULT)).ipv4?.address).toBe(subnet.at(3));
  });

  test("bridges are kept apart, but what is published is for all", async () => {
    const [one, other] = [await makeNetwork(), await makeNetwork()];
    const [a, b] = [await makeBox(one), await makeBox(other, { publish: PUBLISH_80 })];
    serveTcp(b, 80);
    expect(await fetchInside(a, b.address, 80, 1)).toBe("nothing");
    expect(await fetchInside(a, one.at(1), published(b.attachment))).toContain("from");
  });

  test("an internal network leads nowhere and publishes nothing", async () => {
    const shut = await makeNetwork({ internal: true });
    const [a, b] = [await makeBox(shut, { publish: PUBLISH_80 }), await makeBox(shut)];
    const outside = await makeBox(DEFAULT);
    serveTcp(a, 80);
    serveTcp(outside, 80);
    expect(a.attachment.published).toEqual([]);
    expect(a.attachment.ipv4?.gateway).toBe("");
    expect((await inside(a, "ip", "route")).text).not.toContain("default");
    expect(await fetchInside(b, a.address, 80)).toBe(`from ${b.address}`);
    await inside(b, "ip", "route", "add", "default", "via", shut.at(1));
    expect(await fetchInside(b, outside.address, 80, 1)).toBe("nothing");
  });

  test("without inter-container traffic only the host is reached", async () => {
    const quiet = await makeNetwork({ icc: false });
    const [a, b] = [await makeBox(quiet), await makeBox(quiet)];
    serveTcp(b, 80);
    expect(await fetchInside(a, b.address, 80, 1)).toBe("nothing");
    expect(await ask(b.address, 80)).toContain("from");
  });

  test("a container cannot reach the host's loopback address by way of its gateway", async () => {
    const server = createServer((socket) => void socket.end("secret"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(() => server.close());
    const box = await makeBox(DEFAULT);
    const { netnsPath } = box;
    await inside({ netnsPath }, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet; ip addr del 127.0.0.1/8 dev lo; ip route del local 127.0.0.0/8 dev lo table local; ip route add 127.0.0.0/8 via " + subnet.at(1));
    expect(await fetchInside(box, "127.0.0.1", (server.address() as AddressInfo).port, 1)).toBe("nothing");
  });

  test("names, aliases and addresses are answered on a network of one's own; renaming is seen", async () => {
    const spec = await makeNetwork();
    const web = await makeBox(spec, { names: ["web", "www"] });
    const api = await makeBox(spec, { names: ["api", "www"], links: { frontend: "web" } });
    expect(await resolveInside(api, "web")).toEqual([web.address]);
    expect(await resolveInside(api, "WEB")).toEqual([web.address]);
    expect(await resolveInside(web, "www")).toEqual([web.address, api.address]);
    expect(await resolveInside(api, "frontend")).toEqual([web.address]);
    expect(await resolveInside(api, `web.${spec.name}`)).toEqual([web.address]);
    expect(await resolveInside(api, web.address)).toEqual([`web.${spec.name}`]);
    network.setNames(web.attachment, ["shop"]);
    expect(await resolveInside(api, "shop")).toEqual([web.address]);
    serveTcp(api, 80);
    expect(await fetchInside(web, api.address, 80)).toContain(web.address);
  });

  test("what is not ours is asked of the resolvers given; from an internal network nobody is asked", async () => {
    const resolver = `127.${randomInt(64, 128)}.${randomInt(0, 256)}.${randomInt(1, 255)}`;
    const asked: string[] = [];
    const upstream = createSocket("udp4");
    upstream.on("message", (bytes, from) => {
      asked.push("udp");
      const answer = Buffer.concat([bytes, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 198, 51, 100, 7])]);
      answer.writeUInt16BE(0x8180, 2);
      answer.writeUInt16BE(1, 6);
      upstream.send(answer, from.port, from.address);
    });
    await new Promise<void>((resolve) => upstream.bind(53, resolver, resolve));
    closers.push(() => upstream.close());
    const box = await makeBox(await makeNetwork(), { dns: [resolver] });
    expect(await resolveInside(box, "elsewhere.example")).toContain("198.51.100.7");
    expect(asked.length).toBeGreaterThan(0);
    asked.length = 0;
    const shut = await makeBox(await makeNetwork({ internal: true }), { dns: [resolver] });
    expect(await resolveInside(shut, "elsewhere.example")).toEqual([]);
    expect(asked).toEqual([]);
  });

  test("a second network, the move of the gateway, and leaving", async () => {
    const [one, two] = [await makeNetwork(), await makeNetwork()];
    const box = await makeBox(one, { publish: PUBLISH_80 });
    const second = await join(box, two, { interfaceName: "eth1" });
    expect((await inside(box, "ip", "-o", "-4", "addr")).text).toContain(`${second.ipv4?.address}/24`);
    await network.detach(box.attachment, one);
    containers.get(box.id)?.attachments.delete(box.attachment);
    const moved = await network.makeGateway(second, two, [{ containerPort: 80, protocol: "tcp", hostPort: String(published(box.attachment)) }]);
    containers.get(box.id)?.attachments.delete(second);
    containers.get(box.id)?.attachments.set(moved, two);
    expect((await inside(box, "ip", "route", "show", "default")).text).toContain(`via ${two.at(1)} dev eth1`);
    expect((await inside(box, "ip", "-o", "link")).text).not.toContain("eth0");
    serveTcp(box, 80);
    expect(await ask("127.0.0.1", published(moved))).toContain("from");
  });

  test("another daemon takes up what runs, and takes away what nobody has", async () => {
    const spec = await makeNetwork();
    const web = await makeBox(spec, { names: ["web"], publish: PUBLISH_80 });
    const lost = await makeBox(spec, { names: ["lost"] });
    const port = published(web.attachment);
    serveTcp(web, 80);
    await network.close();
    // no daemon: the published port goes on
    expect(await ask("127.0.0.1", port)).toContain("from");
    network = open();
    await network.recover([DEFAULT, spec], [web.attachment]);
    containers.delete(lost.id);
    expect(existsSync(lost.netnsPath)).toBe(false);
    expect(await links()).not.toContain(lost.attachment.hostInterface);
    expect(await ask("127.0.0.1", port)).toContain("from");
    const other = await makeBox(spec, { names: ["other"] });
    expect(other.address).toBe(lost.address);
    expect(await resolveInside(other, "web")).toEqual([web.address]);
    expect(await resolveInside(web, "other")).toEqual([other.address]);
    await expect(makeBox(spec, { publish: [{ containerPort: 80, protocol: "tcp", hostPort: String(port) }] })).rejects.toThrow("port is already allocated");
  });

  test("networks that would meet are refused", async () => {
    const spec = await makeNetwork();
    await expect(network.createNetwork({ ...spec, id: "1".repeat(64), bridge: freeBridge() })).rejects.toThrow("Pool overlaps with other one on this address space");
    await expect(makeNetwork({ bridge: spec.bridge })).rejects.toThrow("networks have same bridge name");
  });

  test("IPv6: addresses, routes, names and published ports of its own", async () => {
    const id = randomBytes(5).toString("hex");
    const prefix = `fd${id.slice(0, 2)}:${id.slice(2, 6)}:${id.slice(6)}:`;
    const own = freeSubnet();
    const spec = await makeNetwork({ enableIPv6: true, subnets: [{ subnet: own.subnet, gateway: own.at(1) }, { subnet: `${prefix}:/64`, gateway: `${prefix}:1` }] });
    const [a, b] = [await makeBox(spec, { names: ["a"] }), await makeBox(spec, { names: ["b"] })];
    const six = b.attachment.ipv6?.address ?? "";
    const server = namespaces?.within(b.netnsPath, () => Bun.listen({ hostname: "::", port: 80, socket: { open: (socket) => void socket.end("six"), data: () => undefined } }));
    closers.push(() => server?.stop(true));
    expect(await fetchInside(a, six, 80)).toBe("six");
    expect(await ask(six, 80)).toBe("six");
    expect((await inside(a, "ip", "-6", "route", "show", "default")).text).toContain("via fd");
    expect(await resolveInside(a, "b")).toContain(six);
  });
});
