// Binds a server to an address. Stale sockets are taken over, living ones are not; a socket is ours to remove only while it is the one we made.
import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { connect } from "node:net";
import { dirname } from "node:path";
import { conflict, invalid } from "../base/errors.ts";

/** Returns what takes the socket file away. */
export async function listen(server: Server, host: string, group: string): Promise<() => void> {
  const address = parseHost(host);
  if ("port" in address) {
    await bind(server, { host: address.address, port: address.port });
    return () => undefined;
  }
  return listenUnix(server, address.path, group);
}

export function parseHost(host: string): { path: string } | { address: string; port: number } {
  if (host.startsWith("unix://")) {
    const path = host.slice("unix://".length);
    if (!path.startsWith("/")) throw invalid(`unable to parse ${host}: the socket needs an absolute path`);
    return { path };
  }
  const match = /^tcp:\/\/(\[[^\]]+\]|[^:/]*):(\d{1,5})\/?$/.exec(host);
  if (match === null) throw invalid(`Invalid bind address format: ${host}`);
  const address = (match[1] as string).replace(/^\[|\]$/g, "") || "127.0.0.1";
  if (!(address === "localhost" || address === "::1" || address.startsWith("127."))) {
    throw invalid(`refusing to listen on ${host}: whoever reaches that port is root here. Only loopback addresses are served without TLS`);
  }
  return { address, port: Number(match[2]) };
}

async function listenUnix(server: Server, path: string, group: string): Promise<() => void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    if (await answers(path)) throw conflict(`can't create unix socket ${path}: another process listens on it`);
    rmSync(path);
  }
  await bind(server, { path });
  chmodSync(path, 0o660);
  const groupId = findGroup(group);
  if (groupId !== undefined && process.getuid?.() === 0) chownSync(path, 0, groupId);
  const made = lstatSync(path).ino;
  return () => {
    if (lstatSync(path, { throwIfNoEntry: false })?.ino === made) rmSync(path, { force: true });
  };
}

function bind(server: Server, options: { path: string } | { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Number or name. */
function findGroup(group: string): number | undefined {
  if (/^\d+$/.test(group)) return Number(group);
  try {
    const line = readFileSync("/etc/group", "utf8").split("\n").find((each) => each.startsWith(`${group}:`));
    return line === undefined ? undefined : Number(line.split(":")[2]);
  } catch {
    return undefined; // no such file: no groups
  }
}
