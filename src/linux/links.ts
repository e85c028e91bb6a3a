// Interfaces, addresses and routes of one namespace, by rtnetlink.
import { closeSync, openSync } from "node:fs";
import { internal } from "../base/errors.ts";
import { type Ip, ipBytes, type Subnet, bitsOf, lastOf } from "./address.ts";
import { type Attribute, attribute, attributes, type Message, nested, NETLINK_ROUTE, NetlinkRefusal, NetlinkSocket, NLM, text, u32 } from "./netlink.ts";
import type { SocketCalls } from "./socket-calls.ts";

const RTM = { newLink: 16, delLink: 17, getLink: 18, setLink: 19, newAddress: 20, delAddress: 21, getAddress: 22, newRoute: 24, delRoute: 25, getRoute: 26 } as const;
const IFLA = { address: 1, name: 3, mtu: 4, master: 10, protocolInfo: 12, linkInfo: 18, netnsFd: 28, alias: 20, stats64: 23 } as const;
const INFO = { kind: 1, data: 2, slaveKind: 4, slaveData: 5 } as const;
const VETH_PEER = 1;
const PORT = { state: 1, hairpin: 4, flush: 24, isolated: 33 } as const;
const IFA = { address: 1, local: 2, broadcast: 4, flags: 8 } as const;
const RTA = { destination: 1, interface: 4, gateway: 5, priority: 6 } as const;
const IFF_UP = 1;
/** The address is ours for sure: no waiting for duplicates. */
const IFA_F_NODAD = 2;
const AF = { 4: 2, 6: 10 } as const;
const AF_BRIDGE = 7;
const EEXIST = 17;
const ENODEV = 19;
const ESRCH = 3;
const EINVAL = 22;
const EADDRNOTAVAIL = 99;
const EOPNOTSUPP = 95;
const ENETDOWN = 100;

export interface LinkState {
  index: number;
  name: string;
  up: boolean;
  mtu: number;
  master?: number;
  macAddress?: string;
  /** What its maker wrote on it. */
  alias?: string;
  stats?: { rxBytes: number; rxPackets: number; rxErrors: number; rxDropped: number; txBytes: number; txPackets: number; txErrors: number; txDropped: number };
}

export interface VethRequest {
  /** Name on this side. */
  name: string;
  bridge: number;
  mtu: number;
  peer: { name: string; macAddress: string; netnsPath: string };
  /** May the container reach itself through the host's published port? */
  hairpin: boolean;
  /** Ports of one bridge that are isolated cannot reach each other. */
  isolated: boolean;
}

export class Links {
  private readonly socket: NetlinkSocket;

  /** Belongs to the namespace that the thread is in now. */
  constructor(calls: SocketCalls) {
    this.socket = new NetlinkSocket(calls, NETLINK_ROUTE);
  }

  close(): void {
    this.socket.close();
  }

  find(name: string): LinkState | undefined {
    try {
      const answers = this.socket.exchange(`find ${name}`, [{ type: RTM.getLink, flags: NLM.ack, body: [linkHeader(0), attribute(IFLA.name, text(name))] }]);
      return answers.filter((answer) => answer.type === RTM.newLink).map((answer) => parseLink(answer.payload))[0];
    } catch (error) {
      if (error instanceof NetlinkRefusal && error.errno === ENODEV) return undefined;
      throw error;
    }
  }

  list(): LinkState[] {
    return this.socket.exchange("list links", [{ type: RTM.getLink, flags: NLM.dump, body: [linkHeader(0)] }]).map((answer) => parseLink(answer.payload));
  }

  /** Index of the bridge; made with this alias, or taken as it is. */
  ensureBridge(name: string, macAddress: string, mtu: number, alias: string): { index: number; created: boolean } {
    const existing = this.find(name);
    if (existing !== undefined) {
      if (!existing.up) this.setUp(existing.index);
      return { index: existing.index, created: false };
    }
    const info = nested(IFLA.linkInfo, [attribute(INFO.kind, text("bridge"))]);
    this.ask(`create bridge ${name}`, RTM.newLink, NLM.create | NLM.exclusive, [
      // a fixed address, or the bridge would take over that of whichever port has the lowest
      linkHeader(0, IFF_UP), attribute(IFLA.name, text(name)), attribute(IFLA.address, macBytes(macAddress)), attribute(IFLA.mtu, u32(mtu)), info,
    ]);
    const made = this.find(name);
    if (made === undefined) throw internal(`bridge ${name} went away`);
    this.ask("set alias", RTM.newLink, 0, [linkHeader(made.index), attribute(IFLA.alias, text(alias))]);
    return { index: made.index, created: true };
  }

  setMtu(index: number, mtu: number): void {
    this.ask("set mtu", RTM.newLink, 0, [linkHeader(index), attribute(IFLA.mtu, u32(mtu))]);
  }

  setUp(index: number): void {
    this.ask("link up", RTM.newLink, 0, [linkHeader(index, IFF_UP)]);
  }

  /** A pair: one end up at the bridge, the other named in the namespace, to be set up from there. */
  createVeth(request: VethRequest): void {
    const netns = openSync(request.peer.netnsPath, "r");
    try {
      const peer = nested(VETH_PEER, [
        linkHeader(0), attribute(IFLA.name, text(request.peer.name)), attribute(IFLA.address, macBytes(request.peer.macAddress)),
        attribute(IFLA.mtu, u32(request.mtu)), attribute(IFLA.netnsFd, u32(netns)),
      ]);
      const info = nested(IFLA.linkInfo, [attribute(INFO.kind, text("veth")), nested(INFO.data, [peer])]);
      const common = [attribute(IFLA.name, text(request.name))];
      const messages: Message[] = [
        { type: RTM.newLink, flags: NLM.ack | NLM.create | NLM.exclusive, body: [linkHeader(0, IFF_UP), ...common, attribute(IFLA.mtu, u32(request.mtu)), attribute(IFLA.master, u32(request.bridge)), info] },
      ];
      const port = [...(request.hairpin ? [attribute(PORT.hairpin, Uint8Array.of(1))] : []), ...(request.isolated ? [attribute(PORT.isolated, Uint8Array.of(1))] : [])];
      if (port.length > 0) {
        const slave = nested(IFLA.linkInfo, [attribute(INFO.slaveKind, text("bridge")), nested(INFO.slaveData, port)]);
        messages.push({ type: RTM.newLink, flags: NLM.ack, body: [linkHeader(0), ...common, slave] });
      }
      this.socket.exchange(`create ${request.name}`, messages);
    } finally {
      closeSync(netns);
    }
  }

  /** Idempotent. */
  remove(name: string): void {
    this.tolerating([ENODEV], () => this.ask(`remove ${name}`, RTM.delLink, 0, [linkHeader(0), attribute(IFLA.name, text(name))]));
  }

  /** Nothing comes in or goes out by this port of a bridge any more, and the bridge forgets who was behind it. */
  disablePort(name: string): void {
    const index = this.find(name)?.index;
    if (index === undefined) return;
    // to the bridge itself: a change of the link would make it look at the port again, and enable it
    const header = linkHeader(index);
    header[0] = AF_BRIDGE;
    const settings = nested(IFLA.protocolInfo, [attribute(PORT.state, Uint8Array.of(0)), attribute(PORT.flush, new Uint8Array())], true);
    this.tolerating([ENODEV, ENETDOWN, EINVAL, EOPNOTSUPP], () => this.ask(`disable ${name}`, RTM.setLink, 0, [header, settings]));
  }

  /** Idempotent. */
  removeAddress(index: number, ip: Ip, prefix: number): void {
    this.tolerating([EADDRNOTAVAIL], () => this.ask("remove address", RTM.delAddress, 0, [addressHeader(ip.family, prefix, index), attribute(IFA.local, ipBytes(ip))]));
  }

  /** Idempotent. */
  addAddress(index: number, ip: Ip, prefix: number): void {
    const subnet: Subnet = { family: ip.family, base: ip.value & ~((1n << BigInt(bitsOf(ip.family) - prefix)) - 1n), prefix };
    const broadcast = ip.family === 4 && prefix < 31 ? [attribute(IFA.broadcast, ipBytes({ family: 4, value: lastOf(subnet) }))] : [];
    const flags = ip.family === 6 ? [attribute(IFA.flags, u32(IFA_F_NODAD))] : [];
    this.tolerating([EEXIST], () =>
      this.ask("add address", RTM.newAddress, NLM.create | NLM.exclusive, [addressHeader(ip.family, prefix, index), attribute(IFA.local, ipBytes(ip)), attribute(IFA.address, ipBytes(ip)), ...broadcast, ...flags]),
    );
  }

  /** Of one interface. */
  addresses(index: number): { ip: Ip; prefix: number }[] {
    const found: { ip: Ip; prefix: number }[] = [];
    for (const { payload } of this.socket.exchange("list addresses", [{ type: RTM.getAddress, flags: NLM.dump, body: [addressHeader(4, 0, 0, 0)] }])) {
      const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
      const ip = attributes(payload, 8).get(IFA.local) ?? attributes(payload, 8).get(IFA.address);
      if (view.getUint32(4, true) === index && ip !== undefined) found.push({ ip: ipOf(ip), prefix: payload[1] ?? 0 });
    }
    return found;
  }

  /** The default route; replaces one of the same family. */
  setDefaultRoute(index: number, gateway: Ip): void {
    this.ask("default route", RTM.newRoute, NLM.create | NLM.replace, [routeHeader(gateway.family, 0), attribute(RTA.gateway, ipBytes(gateway)), attribute(RTA.interface, u32(index))]);
  }

  removeDefaultRoute(family: 4 | 6): void {
    this.tolerating([ESRCH], () => this.ask("remove default route", RTM.delRoute, 0, [routeHeader(family, 0)]));
  }

  /** Subnets that this namespace routes (all tables' unicast routes with a destination). */
  routes(): Subnet[] {
    const found: Subnet[] = [];
    for (const { payload } of this.socket.exchange("list routes", [{ type: RTM.getRoute, flags: NLM.dump, body: [routeHeader(4, 0, 0)] }])) {
      const [familyCode, prefix] = payload;
      // only IPv4 and only real subnets: host routes and multicast would hide everything
      const destination = attributes(payload, 12).get(RTA.destination);
      if (familyCode !== AF[4] || prefix === undefined || prefix === 0 || prefix === 32 || payload[7] !== 1 || destination === undefined) continue;
      found.push({ family: 4, base: ipOf(destination).value, prefix });
    }
    return found;
  }

  private ask(what: string, type: number, flags: number, body: readonly Uint8Array[]): void {
    this.socket.exchange(what, [{ type, flags: flags | NLM.ack, body }]);
  }

  private tolerating(errnos: readonly number[], work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof NetlinkRefusal && errnos.includes(error.errno))) throw error;
    }
  }
}

function ipOf(bytes: Uint8Array): Ip {
  return { family: bytes.length === 4 ? 4 : 6, value: bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) };
}

export function macBytes(text: string): Uint8Array {
  return Uint8Array.from(text.split(":"), (part) => Number.parseInt(part, 16));
}

function linkHeader(index: number, flags = 0): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setInt32(4, index, true);
  view.setUint32(8, flags, true);
  view.setUint32(12, flags, true);
  return bytes;
}

function addressHeader(family: 4 | 6, prefix: number, index: number, familyCode: number = AF[family]): Uint8Array {
  const bytes = Uint8Array.of(familyCode, prefix, 0, 0, 0, 0, 0, 0);
  new DataView(bytes.buffer).setUint32(4, index, true);
  return bytes;
}

function routeHeader(family: 4 | 6, prefix: number, scope = 0): Uint8Array {
  return Uint8Array.of(AF[family], prefix, 0, 0, 254, 3, scope, 1, 0, 0, 0, 0);
}

function parseLink(payload: Uint8Array): LinkState {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const found: Map<number, Attribute> = attributes(payload, 16);
  const number = (type: number): number | undefined => {
    const value = found.get(type);
    return value === undefined ? undefined : new DataView(value.buffer, value.byteOffset, value.byteLength).getUint32(0, true);
  };
  const name = stringOf(found.get(IFLA.name) ?? new Uint8Array());
  const master = number(IFLA.master);
  const mac = found.get(IFLA.address);
  const alias = found.get(IFLA.alias);
  const stats = found.get(IFLA.stats64);
  return {
    index: view.getInt32(4, true),
    name,
    up: (view.getUint32(8, true) & IFF_UP) !== 0,
    mtu: number(IFLA.mtu) ?? 0,
    ...(master === undefined ? {} : { master }),
    ...(mac === undefined ? {} : { macAddress: [...mac].map((byte) => byte.toString(16).padStart(2, "0")).join(":") }),
    ...(alias === undefined ? {} : { alias: stringOf(alias) }),
    ...(stats === undefined ? {} : { stats: parseStats(stats) }),
  };
}

function stringOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replace(/\0+$/, "");
}

function parseStats(bytes: Uint8Array): NonNullable<LinkState["stats"]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (index: number): number => Number(view.getBigUint64(index * 8, true));
  return { rxPackets: at(0), txPackets: at(1), rxBytes: at(2), txBytes: at(3), rxErrors: at(4), txErrors: at(5), rxDropped: at(6), txDropped: at(7) };
}
