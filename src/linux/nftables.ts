// nf_tables spoken directly, for the changes that every container start and stop makes: elements of maps, and the small
// table inside a namespace that sends DNS to where it is answered. Whole tables are written as text, see firewall.ts.
import { type Attribute, attribute, be32, concat, type Message, nested, NETLINK_NETFILTER, NetlinkRefusal, NetlinkSocket, NLM, text } from "./netlink.ts";
import type { SocketCalls } from "./socket-calls.ts";

const SUBSYSTEM = 10 << 8;
const MSG = { newTable: 0, getTable: 1, delTable: 2, newChain: 3, getChain: 4, newRule: 6, newElement: 12, delElement: 14 } as const;
const BATCH = { begin: 0x10, end: 0x11 } as const;
const FAMILY = { ip: 2, ip6: 10 } as const;
const ENOENT = 2;
const EEXIST = 17;
const NF = { localOut: 3 } as const;
const REG = { 1: 8, 2: 9 } as const;
const PROTOCOL = { tcp: 6, udp: 17 } as const;

export interface MapElement {
  family: "ip" | "ip6";
  table: string;
  map: string;
  key: Uint8Array;
  value: Uint8Array;
}

export class Nftables {
  private readonly socket: NetlinkSocket;

  /** Belongs to the namespace that the thread is in now. */
  constructor(calls: SocketCalls) {
    this.socket = new NetlinkSocket(calls, NETLINK_NETFILTER);
  }

  close(): void {
    this.socket.close();
  }

  /** All or none. An element that is there already with the same value is no error. */
  addElements(elements: readonly MapElement[]): void {
    if (elements.length > 0) this.batch("add elements", elements.map((element) => elementMessage(MSG.newElement, NLM.create, element)));
  }

  /** Each on its own, so that one that is gone already keeps none of the others. */
  removeElements(elements: readonly MapElement[]): void {
    for (const element of elements) {
      try {
        this.batch("remove element", [elementMessage(MSG.delElement, 0, element)]);
      } catch (error) {
        if (!(error instanceof NetlinkRefusal && error.errno === ENOENT)) throw error;
      }
    }
  }

  /** Queries of this namespace to `address` port 53 go to the given ports there. Replaces the table of that name. */
  redirectDns(table: string, address: Uint8Array, ports: { udp: number; tcp: number }): void {
    const named = attribute(1, text(table));
    const chain = text("output");
    const hook = nested(4, [attribute(1, be32(NF.localOut)), attribute(2, be32(-100 >>> 0))], true);
    const create = { type: MSG.newTable, flags: NLM.create | NLM.exclusive, body: [named] };
    const rules = [
      { type: MSG.newChain, flags: NLM.create, body: [named, attribute(3, chain), hook, attribute(7, text("nat"))] },
      ...(["udp", "tcp"] as const).map((protocol) => ({
        type: MSG.newRule,
        flags: NLM.create | NLM.append,
        body: [named, attribute(2, chain), nested(4, dnsExpressions(address, protocol, ports[protocol]), true)],
      })),
    ];
    try {
      this.batch("redirect DNS", [create, ...rules]);
    } catch (error) {
      if (!(error instanceof NetlinkRefusal && error.errno === EEXIST)) throw error;
      // an earlier daemon's; not deleted on the off chance, since the kernel takes its time over deletions
      this.batch("redirect DNS anew", [{ type: MSG.delTable, flags: 0, body: [named] }, create, ...rules]);
    }
  }

  hasTable(family: "ip" | "ip6", table: string): boolean {
    try {
      this.socket.exchange("find table", [message({ type: MSG.getTable, flags: NLM.ack, body: [attribute(1, text(table))] }, family)]);
      return true;
    } catch (error) {
      if (error instanceof NetlinkRefusal && error.errno === ENOENT) return false;
      throw error;
    }
  }

  /** Policy of a base chain: "drop", "accept", or undefined if there is no such chain. */
  policy(family: "ip" | "ip6", table: string, chain: string): "drop" | "accept" | undefined {
    try {
      const answers = this.socket.exchange("chain policy", [message({ type: MSG.getChain, flags: NLM.ack, body: [attribute(1, text(table)), attribute(3, text(chain))] }, family)]);
      // NFTA_CHAIN_POLICY: 0 drop, 1 accept
      for (const { payload } of answers) return policyOf(payload);
    } catch (error) {
      if (!(error instanceof NetlinkRefusal && error.errno === ENOENT)) throw error;
    }
    return undefined;
  }

  private batch(what: string, messages: readonly { type: number; flags: number; body: readonly Attribute[]; family?: "ip" | "ip6" }[]): void {
    const inner = messages.map((each) => message({ ...each, flags: each.flags | NLM.ack }, each.family ?? "ip"));
    this.socket.exchange(what, [edge(BATCH.begin), ...inner, edge(BATCH.end)]);
  }
}

function message(each: { type: number; flags: number; body: readonly Attribute[] }, family: "ip" | "ip6"): Message {
  return { type: SUBSYSTEM | each.type, flags: each.flags, body: [Uint8Array.of(FAMILY[family], 0, 0, 0), ...each.body] };
}

function elementMessage(type: number, flags: number, element: MapElement) {
  const parts = [data(1, element.key), ...(type === MSG.newElement ? [data(2, element.value)] : [])];
  return {
    type,
    flags,
    family: element.family,
    body: [attribute(1, text(element.table)), attribute(2, text(element.map)), nested(3, [nested(1, parts, true)], true)],
  };
}

/** Begin and end of a transaction. */
function edge(type: number): Message {
  return { type, flags: 0, body: [Uint8Array.of(0, 0, 0, 10)] };
}

/** A value of a register. */
function data(type: number, bytes: Uint8Array): Attribute {
  return nested(type, [attribute(1, bytes)], true);
}

function expression(name: string, attributes: Attribute[]): Attribute {
  return nested(1, [attribute(1, text(name)), nested(2, attributes, true)], true);
}

/** ip daddr ADDRESS, PROTOCOL dport 53: dnat to ADDRESS:port */
function dnsExpressions(address: Uint8Array, protocol: "udp" | "tcp", port: number): Attribute[] {
  const isEqual = (bytes: Uint8Array): Attribute => expression("cmp", [attribute(1, be32(REG[1])), attribute(2, be32(0)), data(3, bytes)]);
  const payload = (base: number, offset: number, length: number): Attribute =>
    expression("payload", [attribute(1, be32(REG[1])), attribute(2, be32(base)), attribute(3, be32(offset)), attribute(4, be32(length))]);
  const immediate = (register: number, bytes: Uint8Array): Attribute => expression("immediate", [attribute(1, be32(register)), data(2, bytes)]);
  return [
    payload(1, 16, 4),
    isEqual(address),
    expression("meta", [attribute(2, be32(16)), attribute(1, be32(REG[1]))]),
    isEqual(Uint8Array.of(PROTOCOL[protocol])),
    payload(2, 2, 2),
    isEqual(port16(53)),
    immediate(REG[1], address),
    immediate(REG[2], port16(port)),
    expression("nat", [attribute(1, be32(1)), attribute(2, be32(FAMILY.ip)), attribute(3, be32(REG[1])), attribute(5, be32(REG[2])), attribute(7, be32(3))]),
  ];
}

function policyOf(payload: Uint8Array): "drop" | "accept" {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  for (let at = 4; at + 4 <= payload.length; ) {
    const length = view.getUint16(at, true);
    if (length < 4) break;
    if ((view.getUint16(at + 2, true) & 0x3fff) === 5) return view.getUint32(at + 4, false) === 0 ? "drop" : "accept";
    at += (length + 3) & ~3;
  }
  return "accept";
}

export function port16(port: number): Uint8Array {
  return Uint8Array.of(port >> 8, port & 255);
}

/** Fields of a concatenation stand in whole registers. */
export function concatenation(fields: readonly Uint8Array[]): Uint8Array {
  return concat(fields.map((field) => concat([field, new Uint8Array((4 - (field.length % 4)) % 4)])));
}
