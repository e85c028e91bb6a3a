// Questions that are not ours go to the host's resolvers, from the host's own network.
import { createSocket } from "node:dgram";
import { connect } from "node:net";

const TIMEOUT_MS = 4000;
const DNS_PORT = 53;

/** The first server that answers wins; they are tried in order. Undefined if none does. */
export async function forwardQuery(query: Uint8Array, servers: readonly string[], protocol: "udp" | "tcp"): Promise<Uint8Array | undefined> {
  for (const server of servers) {
    const answer = await (protocol === "udp" ? askByUdp : askByTcp)(query, server);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function askByUdp(query: Uint8Array, server: string): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(server.includes(":") ? "udp6" : "udp4");
    const finish = (answer?: Uint8Array): void => {
      clearTimeout(timer);
      socket.removeAllListeners("message");
      try {
        socket.close();
      } catch {
        // closed already
      }
      resolve(answer);
    };
    const timer = setTimeout(finish, TIMEOUT_MS);
    socket.on("error", () => finish());
    // only an answer to this very question, from where it was sent
    socket.on("message", (bytes, from) => {
      if (from.address === server && bytes.length >= 12 && bytes[0] === query[0] && bytes[1] === query[1]) finish(bytes);
    });
    socket.send(query, DNS_PORT, server, (error) => {
      if (error) finish();
    });
  });
}

function askByTcp(query: Uint8Array, server: string): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: server, port: DNS_PORT });
    let got = Buffer.alloc(0);
    const finish = (answer?: Uint8Array): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(finish, TIMEOUT_MS);
    socket.on("error", () => finish()).on("end", () => finish());
    socket.on("connect", () => socket.write(withLength(query)));
    socket.on("data", (bytes: Buffer) => {
      got = Buffer.concat([got, bytes]);
      if (got.length >= 2 && got.length >= 2 + got.readUInt16BE(0)) finish(got.subarray(2, 2 + got.readUInt16BE(0)));
    });
  });
}

/** As messages go over TCP. */
export function withLength(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(2 + message.length);
  new DataView(bytes.buffer).setUint16(0, message.length);
  bytes.set(message, 2);
  return bytes;
}
