// Which host ports are published. A port is ours once no other container has it and a socket of our own holds it, so
// that no other program of the host can take it later.
import { readFileSync } from "node:fs";
import { internal } from "../base/errors.ts";
import type { PortRequest, PublishedPort } from "./network.ts";
import { type HeldPort, holdTcp, holdUdp, type ProxyTarget } from "./port-proxy.ts";

export interface ClaimTarget {
  ipv4?: string;
  ipv6?: string;
  /** Address for requests that name none. */
  hostBindingIp: string;
}

export interface Claims {
  published: PublishedPort[];
  release(): void;
}

interface Held {
  protocol: string;
  hostIp: string;
  port: number;
  socket?: HeldPort;
}

const TEXTS: Readonly<Record<string, string>> = {
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "cannot assign requested address",
  EACCES: "permission denied",
  EINVAL: "invalid argument",
};

export class PortClaims {
  private readonly held = new Set<Held>();
  private readonly next = new Map<string, number>();

  constructor(private readonly range: { first: number; last: number } = ephemeralRange()) {}

  /** All of them or none. Throws `internal` with Docker's text about the port (without the endpoint before it). */
  async claim(requests: readonly PortRequest[], target: ClaimTarget): Promise<Claims> {
    const mine: Held[] = [];
    const release = (): void => {
      for (const each of mine) this.drop(each);
    };
    const published: PublishedPort[] = [];
    try {
      for (const request of requests) {
        const addresses = this.addressesOf(request, target);
        if (addresses.length === 0) continue;
        const taken = await this.claimOne(request, addresses, target);
        mine.push(...taken);
        published.push(...taken.map(({ hostIp, port }) => ({ containerPort: request.containerPort, protocol: request.protocol, hostIp, hostPort: port })));
      }
    } catch (error) {
      release();
      throw error;
    }
    return { published, release };
  }

  /** For tests and for recovery: is anything held? */
  get size(): number {
    return this.held.size;
  }

  private addressesOf(request: PortRequest, target: ClaimTarget): string[] {
    const asked = request.hostIp === undefined || request.hostIp === "" ? target.hostBindingIp : request.hostIp;
    // no address given: every address of the host, of both families
    const isAny = asked === "" || (asked === "0.0.0.0" && (request.hostIp ?? "") === "");
    const addresses = isAny ? ["0.0.0.0", "::"] : [asked];
    return addresses.filter((address) => targetOf(address, request, target) !== undefined);
  }

  private async claimOne(request: PortRequest, addresses: readonly string[], target: ClaimTarget): Promise<Held[]> {
    const { candidates, isFixed } = this.candidates(request);
    let failure: unknown;
    for (const port of candidates) {
      try {
        const held = await this.claimPort(request, addresses, port, target);
        if (request.hostPort === "" || request.hostPort === "0") this.next.set(request.protocol, port + 1);
        return held;
      } catch (error) {
        failure = error;
        // another port does not help when the address is wrong
        if (isFixed || !isTaken(error)) throw error;
      }
    }
    throw request.hostPort === "" ? internal("all ports are allocated") : failure;
  }

  private async claimPort(request: PortRequest, addresses: readonly string[], port: number, target: ClaimTarget): Promise<Held[]> {
    const mine: Held[] = [];
    try {
      for (const hostIp of addresses) {
        const blocker = [...this.held].find((other) => other.protocol === request.protocol && other.port === port && meets(other.hostIp, hostIp));
        if (blocker !== undefined) throw internal(`Bind for ${blocker.hostIp}:${port} failed: port is already allocated`, { taken: true });
        const held: Held = { protocol: request.protocol, hostIp, port };
        // before waiting, so that nobody else tries the same
        this.held.add(held);
        mine.push(held);
        await this.hold(held, request, target);
      }
      return mine;
    } catch (error) {
      for (const each of mine) this.drop(each);
      throw error;
    }
  }

  private async hold(held: Held, request: PortRequest, target: ClaimTarget): Promise<void> {
    const to = targetOf(held.hostIp, request, target);
    if (to === undefined || request.protocol === "sctp") return;
    try {
      const socket = await (request.protocol === "tcp" ? holdTcp : holdUdp)(held.hostIp, held.port, to);
      if (this.held.has(held)) held.socket = socket;
      else socket.close();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "";
      // a host without IPv6 publishes on IPv4 alone
      if (held.hostIp === "::" && (code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL")) return;
      const at = `${bracketed(held.hostIp)}:${held.port}:${bracketed(to.address)}:${to.port}/${request.protocol}`;
      throw internal(`failed to bind host port for ${at}: ${TEXTS[code] ?? (error as Error).message}`, { taken: code === "EADDRINUSE" }, error);
    }
  }

  private candidates(request: PortRequest): { candidates: Iterable<number>; isFixed: boolean } {
    if (request.hostPort === "" || request.hostPort === "0") return { candidates: this.ephemeral(request.protocol), isFixed: false };
    const [first, last] = request.hostPort.split("-", 2).map(Number);
    if (first === undefined || !Number.isInteger(first)) throw internal(`invalid host port: ${request.hostPort}`);
    return { candidates: span(first, last ?? first), isFixed: last === undefined || last === first };
  }

  private *ephemeral(protocol: string): Generator<number> {
    const { first, last } = this.range;
    const start = this.next.get(protocol) ?? first;
    const from = start > last ? first : start;
    yield* span(from, last);
    yield* span(first, from - 1);
  }

  private drop(held: Held): void {
    this.held.delete(held);
    held.socket?.close();
  }
}

function* span(first: number, last: number): Generator<number> {
  for (let port = first; port <= last; port++) yield port;
}

function isTaken(error: unknown): boolean {
  return (error as { detail?: { taken?: boolean } }).detail?.taken === true;
}

/** Whom the socket serves: IPv6 callers are brought to the container's IPv4 address if it has no other. */
function targetOf(hostIp: string, request: PortRequest, target: ClaimTarget): ProxyTarget | undefined {
  const address = hostIp.includes(":") ? (target.ipv6 ?? target.ipv4) : target.ipv4;
  return address === undefined ? undefined : { address, port: request.containerPort };
}

function isAnyAddress(ip: string): boolean {
  return ip === "0.0.0.0" || ip === "::";
}

function meets(a: string, b: string): boolean {
  if (a.includes(":") !== b.includes(":")) return false;
  return a === b || isAnyAddress(a) || isAnyAddress(b);
}

function bracketed(ip: string): string {
  return ip.includes(":") ? `[${ip}]` : ip;
}

function ephemeralRange(): { first: number; last: number } {
  try {
    const [first, last] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/).map(Number);
    if (first !== undefined && last !== undefined && first > 0 && last >= first) return { first, last };
  } catch {
    // no such file: the kernel's default
  }
  return { first: 32768, last: 60999 };
}
