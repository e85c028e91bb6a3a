// Sockets on the host that hold a published port, and carry to the container what reaches them: IPv6 callers of a
// container without IPv6. (IPv4 is redirected by the firewall before it gets here.)
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { connect, createServer, type Server, type Socket } from "node:net";

export interface ProxyTarget {
  address: string;
  port: number;
}

export interface HeldPort {
  close(): void;
}

const UDP_IDLE_MS = 90_000;
const UDP_SESSIONS = 4096;

/** Rejects with node's error (`code` EADDRINUSE, EADDRNOTAVAIL, EACCES, …). */
export function holdTcp(hostIp: string, port: number, target: ProxyTarget): Promise<HeldPort> {
  const callers = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (caller) => {
    const callee = connect({ host: target.address, port: target.port, allowHalfOpen: true });
    callers.add(caller);
    const end = (): void => {
      callers.delete(caller);
      caller.destroy();
      callee.destroy();
    };
    caller.on("error", end).on("close", end);
    callee.on("error", end).on("close", end);
    caller.pipe(callee);
    callee.pipe(caller);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: hostIp, port, exclusive: true, ipv6Only: hostIp.includes(":") }, () => {
      server.removeListener("error", reject);
      server.on("error", () => undefined);
      resolve({
        close() {
          server.close();
          for (const caller of callers) caller.destroy();
        },
      });
    });
  });
}

export function holdUdp(hostIp: string, port: number, target: ProxyTarget): Promise<HeldPort> {
  const type = hostIp.includes(":") ? "udp6" : "udp4";
  const socket = createSocket({ type, ipv6Only: type === "udp6" });
  const sessions = new Map<string, { socket: UdpSocket; timer: NodeJS.Timeout }>();
  socket.on("message", (bytes, from) => {
    const key = `${from.address} ${from.port}`;
    let session = sessions.get(key);
    if (session === undefined) {
      if (sessions.size >= UDP_SESSIONS) return;
      session = openSession(target, (answer) => socket.send(answer, from.port, from.address), () => sessions.delete(key));
      sessions.set(key, session);
    }
    session.timer.refresh();
    session.socket.send(bytes, target.port, target.address);
  });
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ address: hostIp, port, exclusive: true }, () => {
      socket.removeListener("error", reject);
      socket.on("error", () => undefined);
      resolve({
        close() {
          socket.close();
          for (const session of sessions.values()) {
            clearTimeout(session.timer);
            session.socket.close();
          }
          sessions.clear();
        },
      });
    });
  });
}

function openSession(target: ProxyTarget, answer: (bytes: Uint8Array) => void, ended: () => void): { socket: UdpSocket; timer: NodeJS.Timeout } {
  const socket = createSocket(target.address.includes(":") ? "udp6" : "udp4");
  const timer = setTimeout(() => {
    ended();
    socket.close();
  }, UDP_IDLE_MS);
  timer.unref();
  socket.on("message", (bytes) => {
    timer.refresh();
    answer(bytes);
  });
  // unreachable for now: the next datagram may get through
  socket.on("error", () => undefined);
  return { socket, timer };
}
