// Netlink: messages as bytes, and sockets that send them and read what the kernel says. The kernel does the work while
// sending, so an exchange needs no waiting.
import { internal } from "../base/errors.ts";
import { errnoText } from "../base/system-error.ts";
import type { SocketCalls } from "./socket-calls.ts";

export const NLM = { request: 1, multi: 2, ack: 4, replace: 0x100, exclusive: 0x200, dump: 0x300, create: 0x400, append: 0x800 } as const;
export const NETLINK_ROUTE = 0;
export const NETLINK_NETFILTER = 12;

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0x80000;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const HEADER_BYTES = 16;
const NLA_F_NESTED = 0x8000;
const EAGAIN = 11;
const ENOBUFS = 105;

export type Attribute = Uint8Array;

export interface Message {
  type: number;
  flags: number;
  /** The family's own header, then attributes. */
  body: readonly Uint8Array[];
}

/** An answer without the netlink header. */
export interface Answer {
  type: number;
  payload: Uint8Array;
}

/** The kernel said no. `index` is that of the message in the batch. */
export class NetlinkRefusal extends Error {
  constructor(
    readonly errno: number,
    readonly index: number,
    what: string,
  ) {
    super(`${what}: ${errnoText(errno)}`);
    this.name = "NetlinkRefusal";
  }
}

export function attribute(type: number, payload: Uint8Array): Attribute {
  const bytes = new Uint8Array(align(4 + payload.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 4 + payload.length, true);
  view.setUint16(2, type, true);
  bytes.set(payload, 4);
  return bytes;
}

export function nested(type: number, attributes: readonly Attribute[], mark = false): Attribute {
  return attribute(mark ? type | NLA_F_NESTED : type, concat(attributes));
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(`${value}\0`);
}

export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** nf_tables wants its numbers in network order. */
export function be32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, false);
  return bytes;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Attributes of a payload by type (nesting marks taken off); the last of a type wins. */
export function attributes(payload: Uint8Array, from: number): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  for (let at = from; at + 4 <= payload.length; ) {
    const length = view.getUint16(at, true);
    if (length < 4) break;
    found.set(view.getUint16(at + 2, true) & 0x3fff, payload.subarray(at + 4, at + length));
    at += align(length);
  }
  return found;
}

export class NetlinkSocket {
  private readonly fd: number;
  private sequence = 1;

  /** Belongs to the namespace that the thread is in now. */
  constructor(
    private readonly calls: SocketCalls,
    protocol: number,
  ) {
    this.fd = calls.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol);
    if (this.fd < 0) throw internal(`netlink socket: ${errnoText(calls.errno())}`);
    const address = new Uint8Array(12);
    new DataView(address.buffer).setUint16(0, AF_NETLINK, true);
    if (calls.bind(this.fd, address) !== 0) {
      const errno = calls.errno();
      calls.close(this.fd);
      throw internal(`netlink bind: ${errnoText(errno)}`);
    }
  }

  /** Sends messages in one go; every one that asks for an ack must be acked. Throws NetlinkRefusal at the first refusal. */
  exchange(what: string, messages: readonly Message[]): Answer[] {
    const first = this.sequence;
    this.sequence += messages.length;
    const bytes = concat(messages.map((message, index) => this.write(message, first + index)));
    if (this.calls.send(this.fd, bytes) !== bytes.length) throw internal(`${what}: netlink send: ${errnoText(this.calls.errno())}`);
    const open = new Set<number>();
    messages.forEach((message, index) => {
      if ((message.flags & (NLM.ack | NLM.dump)) !== 0) open.add(first + index);
    });
    return this.collect(what, first, open);
  }

  close(): void {
    this.calls.close(this.fd);
  }

  private write(message: Message, sequence: number): Uint8Array {
    const body = concat(message.body);
    const bytes = new Uint8Array(align(HEADER_BYTES + body.length));
    const view = new DataView(bytes.buffer);
    view.setUint32(0, HEADER_BYTES + body.length, true);
    view.setUint16(4, message.type, true);
    view.setUint16(6, message.flags | NLM.request, true);
    view.setUint32(8, sequence, true);
    bytes.set(body, HEADER_BYTES);
    return bytes;
  }

  private collect(what: string, first: number, open: Set<number>): Answer[] {
    const answers: Answer[] = [];
    const buffer = new Uint8Array(65536);
    let refusal: NetlinkRefusal | undefined;
    while (open.size > 0) {
      const got = this.calls.receive(this.fd, buffer);
      if (got <= 0) {
        const errno = this.calls.errno();
        if (refusal !== undefined && errno === EAGAIN) break;
        if (errno === ENOBUFS) continue;
        throw internal(`${what}: netlink receive: ${errnoText(errno)}`);
      }
      for (const { type, sequence, payload } of split(buffer.slice(0, got))) {
        if (sequence < first) continue;
        if (type === NLMSG_ERROR || type === NLMSG_DONE) {
          open.delete(sequence);
          const errno = payload.length < 4 ? 0 : -new DataView(payload.buffer, payload.byteOffset).getInt32(0, true);
          if (errno !== 0) refusal ??= new NetlinkRefusal(errno, sequence - first, what);
        } else answers.push({ type, payload });
      }
    }
    if (refusal !== undefined) throw refusal;
    return answers;
  }
}

function* split(bytes: Uint8Array): Generator<{ type: number; sequence: number; payload: Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const length = view.getUint32(at, true);
    if (length < HEADER_BYTES) return;
    yield { type: view.getUint16(at + 4, true), sequence: view.getUint32(at + 8, true), payload: bytes.subarray(at + HEADER_BYTES, at + length) };
    at += align(length);
  }
}

function align(length: number): number {
  return (length + 3) & ~3;
}
