// Containers' namespaces: made, found again, taken away; and the answering machine in each that needs one.
import { createHash } from "node:crypto";
import type { Log } from "../base/log.ts";
import { parseIp, ipBytes } from "../linux/address.ts";
import { NETNS_DIRECTORY } from "../linux/namespaces.ts";
import { DNS_ADDRESS, DnsServer, type DnsView } from "./dns-server.ts";
import type { DnsNames } from "./dns-names.ts";
import type { Kernel } from "./kernel.ts";
import type { Attachment, NetworkSpec } from "./network.ts";
import { readHostResolvConf } from "./resolv-conf.ts";

const DNS_TABLE = "berth-dns";
const HOST_SERVERS_FRESH_MS = 5000;

interface Sandbox {
  netnsPath: string;
  attachments: Map<string, { attachment: Attachment; network: NetworkSpec }>;
  dns?: DnsServer;
}

export class Sandboxes {
  private readonly prefix: string;
  private readonly sandboxes = new Map<string, Sandbox>();
  private hostServers: { atMs: number; servers: readonly string[] } = { atMs: 0, servers: [] };

  constructor(
    bridge: string,
    private readonly kernel: Kernel,
    readonly names: DnsNames,
    private readonly log: Log,
  ) {
    this.prefix = `berth-${createHash("sha256").update(bridge).digest("hex").slice(0, 8)}-`;
  }

  create(containerId: string): string {
    this.sandboxes.get(containerId)?.dns?.close();
    const netnsPath = this.kernel.namespaces.create(this.nameOf(containerId));
    this.kernel.inside(netnsPath, ({ links }) => links.setUp(1));
    this.sandboxes.set(containerId, { netnsPath, attachments: new Map() });
    return netnsPath;
  }

  remove(containerId: string): void {
    this.sandboxes.get(containerId)?.dns?.close();
    this.sandboxes.delete(containerId);
    this.kernel.namespaces.remove(this.nameOf(containerId));
  }

  /** Attached ones of a container. */
  attachmentsOf(containerId: string): { attachment: Attachment; network: NetworkSpec }[] {
    return [...(this.sandboxes.get(containerId)?.attachments.values() ?? [])];
  }

  /** Takes note of an attachment (new or changed); answers its container's DNS questions from now on. */
  async add(attachment: Attachment, network: NetworkSpec): Promise<void> {
    const sandbox = this.sandboxOf(attachment);
    sandbox.attachments.set(attachment.endpointId, { attachment, network });
    const ipv4 = attachment.ipv4 === undefined ? undefined : parseIp(attachment.ipv4.address);
    const ipv6 = attachment.ipv6 === undefined ? undefined : parseIp(attachment.ipv6.address);
    if (network.names) {
      this.names.set({
        endpointId: attachment.endpointId, containerId: attachment.containerId, networkId: network.id, networkName: network.name, names: attachment.names,
        ...(ipv4 === undefined ? {} : { ipv4 }), ...(ipv6 === undefined ? {} : { ipv6 }),
      });
      await this.openDns(sandbox);
    }
    if (sandbox.dns !== undefined) sandbox.dns.view = this.viewOf(sandbox);
  }

  forget(attachment: Attachment): void {
    this.names.remove(attachment.endpointId);
    const sandbox = this.sandboxes.get(attachment.containerId);
    if (sandbox === undefined) return;
    sandbox.attachments.delete(attachment.endpointId);
    if (sandbox.dns !== undefined) sandbox.dns.view = this.viewOf(sandbox);
  }

  setNames(attachment: Attachment, names: readonly string[]): void {
    const endpoint = this.names.find(attachment.endpointId);
    if (endpoint !== undefined) this.names.set({ ...endpoint, names });
    const noted = this.sandboxes.get(attachment.containerId)?.attachments.get(attachment.endpointId);
    if (noted !== undefined) noted.attachment = { ...noted.attachment, names };
  }

  /** Namespaces of ours that belong to none of these containers go. */
  discardOthers(containerIds: readonly string[]): void {
    const kept = new Set(containerIds.map((id) => this.nameOf(id)));
    for (const name of this.kernel.namespaces.list(this.prefix)) {
      if (kept.has(name)) continue;
      this.log.info("removing a namespace that no container has", { name });
      this.kernel.namespaces.remove(name);
    }
  }

  close(): void {
    for (const sandbox of this.sandboxes.values()) sandbox.dns?.close();
    this.sandboxes.clear();
  }

  /** After a restart the namespace is known by its attachment alone. */
  private sandboxOf(attachment: Attachment): Sandbox {
    let sandbox = this.sandboxes.get(attachment.containerId);
    if (sandbox === undefined) this.sandboxes.set(attachment.containerId, (sandbox = { netnsPath: attachment.netnsPath, attachments: new Map() }));
    return sandbox;
  }

  private async openDns(sandbox: Sandbox): Promise<void> {
    if (sandbox.dns !== undefined) return;
    const dns = await DnsServer.open(this.kernel.namespaces, sandbox.netnsPath, this.names, this.viewOf(sandbox), this.log);
    try {
      const address = parseIp(DNS_ADDRESS);
      if (address !== undefined) this.kernel.inside(sandbox.netnsPath, ({ nftables }) => nftables.redirectDns(DNS_TABLE, ipBytes(address), dns.ports));
    } catch (error) {
      dns.close();
      throw error;
    }
    sandbox.dns = dns;
  }

  private viewOf(sandbox: Sandbox): DnsView {
    const all = [...sandbox.attachments.values()];
    const named = all.filter(({ network }) => network.names);
    // a container that only internal networks hold must not reach out by way of names either
    const isShut = all.every(({ network }) => network.internal);
    const given = all.find(({ attachment }) => (attachment.dns?.length ?? 0) > 0)?.attachment.dns;
    return {
      networks: named.map(({ network }) => ({ id: network.id, name: network.name })),
      links: new Map(all.flatMap(({ attachment }) => Object.entries(attachment.links ?? {}).map(([alias, name]) => [alias.toLowerCase(), name.toLowerCase()]))),
      servers: () => (isShut ? [] : (given ?? this.hostResolvers())),
    };
  }

  private hostResolvers(): readonly string[] {
    const now = Date.now();
    if (now - this.hostServers.atMs > HOST_SERVERS_FRESH_MS) this.hostServers = { atMs: now, servers: readHostResolvConf().servers };
    return this.hostServers.servers;
  }

  private nameOf(containerId: string): string {
    return this.prefix + containerId.slice(0, 16);
  }

  /** Where a container's namespace is, whether or not it exists. */
  pathOf(containerId: string): string {
    return `${NETNS_DIRECTORY}/${this.nameOf(containerId)}`;
  }
}
