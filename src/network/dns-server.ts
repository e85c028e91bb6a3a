// The answering machine of one container: 127.0.0.11 in its namespace. Names of its networks are answered here, the
// rest is asked of the host's resolvers.
import type { Log } from "../base/log.ts";
import { openInnerSockets, type InnerSockets } from "../linux/inner-sockets.ts";
import type { Namespaces } from "../linux/namespaces.ts";
import { forwardQuery } from "./dns-forward.ts";
import { parseQuery, RCODE, TYPE, writeAnswer, type Query } from "./dns-message.ts";
import type { DnsNames } from "./dns-names.ts";

export const DNS_ADDRESS = "127.0.0.11";
const TTL_SECONDS = 600;
/** Questions waiting for other resolvers, per container. */
const MAX_FORWARDED = 1024;

export interface DnsView {
  networks: readonly { id: string; name: string }[];
  links: ReadonlyMap<string, string>;
  /** Resolvers for what is not ours; empty: none may be asked. */
  servers(): readonly string[];
}

export class DnsServer {
  private forwarded = 0;

  private constructor(
    private readonly names: DnsNames,
    public view: DnsView,
    private readonly log: Log,
  ) {}

  private sockets: InnerSockets | undefined;

  static async open(namespaces: Namespaces, netnsPath: string, names: DnsNames, view: DnsView, log: Log): Promise<DnsServer> {
    const server = new DnsServer(names, view, log);
    server.sockets = await openInnerSockets(namespaces, netnsPath, DNS_ADDRESS, {
      datagram: (bytes, answer) => void server.serve(bytes, "udp", answer),
      message: (bytes, answer) => void server.serve(bytes, "tcp", answer),
    });
    return server;
  }

  get ports(): { udp: number; tcp: number } {
    return { udp: this.sockets?.udpPort ?? 0, tcp: this.sockets?.tcpPort ?? 0 };
  }

  close(): void {
    this.sockets?.close();
    this.sockets = undefined;
  }

  private async serve(bytes: Uint8Array, protocol: "udp" | "tcp", answer: (bytes: Uint8Array) => void): Promise<void> {
    try {
      const reply = await this.reply(Uint8Array.from(bytes), protocol);
      if (reply !== undefined && this.sockets !== undefined) answer(reply);
    } catch (error) {
      this.log.warn("DNS question failed", { error });
    }
  }

  private async reply(bytes: Uint8Array, protocol: "udp" | "tcp"): Promise<Uint8Array | undefined> {
    const query = parseQuery(bytes);
    if (query === undefined) return undefined;
    const limitBytes = protocol === "udp" ? query.udpLimitBytes : 65535;
    const resolved = query.isInternet ? this.names.resolve(query.name, query.type, this.view.networks, this.view.links) : undefined;
    if (resolved !== undefined) return writeAnswer(query, shuffled(resolved), RCODE.ok, TTL_SECONDS, limitBytes);
    return (await this.forward(bytes, protocol)) ?? this.refusal(query);
  }

  private async forward(bytes: Uint8Array, protocol: "udp" | "tcp"): Promise<Uint8Array | undefined> {
    const servers = this.view.servers();
    if (servers.length === 0 || this.forwarded >= MAX_FORWARDED) return undefined;
    this.forwarded++;
    try {
      return await forwardQuery(bytes, servers, protocol);
    } finally {
      this.forwarded--;
    }
  }

  private refusal(query: Query): Uint8Array {
    return writeAnswer(query, [], query.type === TYPE.ptr && this.view.servers().length === 0 ? RCODE.noSuchName : RCODE.serverFailure, 0);
  }
}

/** So that callers who take the first spread over all. */
function shuffled<T>(list: readonly T[]): T[] {
  const result = [...list];
  for (let at = result.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1));
    const kept = result[at] as T;
    result[at] = result[other] as T;
    result[other] = kept;
  }
  return result;
}
