// Connections that the kernel follows: those redirected to an address that has gone are forgotten, or datagrams would
// go on being sent there.
import { type Ip, ipBytes } from "./address.ts";
import { attribute, nested, NETLINK_NETFILTER, NetlinkRefusal, NetlinkSocket, NLM, u32 } from "./netlink.ts";
import type { SocketCalls } from "./socket-calls.ts";

const DELETE = (1 << 8) | 2;
const TUPLE_REPLY = 2;
const FILTER = 25;
const FILTER_REPLY_FLAGS = 2;
/** Compare the source address and the protocol. */
const FILTER_BY = (1 << 0) | (1 << 3);
const FAMILY = { 4: 2, 6: 10 } as const;
const ADDRESS_SOURCE = { 4: 1, 6: 3 } as const;
const UDP = 17;

/** Of UDP, and those that `ip` answers. A kernel that cannot select them (before 6.9) keeps them until they time out. */
export function forgetDatagramsTo(calls: SocketCalls, ip: Ip): void {
  const socket = new NetlinkSocket(calls, NETLINK_NETFILTER);
  try {
    const address = nested(1, [attribute(ADDRESS_SOURCE[ip.family], ipBytes(ip))], true);
    const protocol = nested(2, [attribute(1, Uint8Array.of(UDP))], true);
    const filter = nested(FILTER, [attribute(1, u32(0)), attribute(FILTER_REPLY_FLAGS, u32(FILTER_BY))], true);
    socket.exchange("forget connections", [{ type: DELETE, flags: NLM.ack, body: [Uint8Array.of(FAMILY[ip.family], 0, 0, 0), nested(TUPLE_REPLY, [address, protocol], true), filter] }]);
  } catch (error) {
    if (!(error instanceof NetlinkRefusal)) throw error;
  } finally {
    socket.close();
  }
}
