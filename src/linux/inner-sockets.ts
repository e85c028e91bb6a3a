// Sockets of this process inside another network namespace: made while the thread is there, served from here.
import { internal } from "../base/errors.ts";
import type { Namespaces } from "./namespaces.ts";

export interface InnerSockets {
  udpPort: number;
  tcpPort: number;
  close(): void;
}

export interface InnerHandlers {
  datagram(bytes: Uint8Array, answer: (bytes: Uint8Array) => void): void;
  /** A message of a TCP connection (two bytes of length before each, as DNS does). */
  message(bytes: Uint8Array, answer: (bytes: Uint8Array) => void): void;
}

/** UDP and TCP on free ports of `address` in the namespace. They keep the namespace alive until closed. */
export async function openInnerSockets(namespaces: Namespaces, netnsPath: string, address: string, handlers: InnerHandlers): Promise<InnerSockets> {
  // both calls make their socket before they return; no thread is started in there
  const { udp, tcp } = namespaces.within(netnsPath, () => ({ udp: openUdp(address, handlers), tcp: openTcp(address, handlers) }));
  try {
    const socket = await udp;
    return {
      udpPort: socket.port,
      tcpPort: tcp.port,
      close() {
        socket.close();
        tcp.stop(true);
      },
    };
  } catch (error) {
    tcp.stop(true);
    throw internal("cannot listen in the namespace", {}, error);
  }
}

function openUdp(address: string, handlers: InnerHandlers): Promise<Bun.udp.Socket<"buffer">> {
  return Bun.udpSocket({
    hostname: address,
    port: 0,
    socket: {
      data(socket, bytes, port, from) {
        handlers.datagram(bytes, (answer) => {
          if (!socket.closed) socket.send(answer, port, from);
        });
      },
    },
  });
}

function openTcp(address: string, handlers: InnerHandlers): Bun.TCPSocketListener<{ rest: Buffer }> {
  return Bun.listen<{ rest: Buffer }>({
    hostname: address,
    port: 0,
    socket: {
      open(socket) {
        socket.data = { rest: Buffer.alloc(0) };
        socket.timeout(30);
      },
      data(socket, bytes) {
        let rest = Buffer.concat([socket.data.rest, bytes]);
        while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
          const length = rest.readUInt16BE(0);
          handlers.message(rest.subarray(2, 2 + length), (answer) => socket.write(Buffer.concat([Buffer.of(answer.length >> 8, answer.length & 255), answer])));
          rest = rest.subarray(2 + length);
        }
        socket.data = { rest };
      },
      timeout(socket) {
        socket.end();
      },
      error() {
        // the asker went away
      },
    },
  });
}
