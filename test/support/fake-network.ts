// A network that remembers what it was asked for and hands out addresses by counting.
import { internal } from "../../src/base/errors.ts";
import type { Attachment, AttachRequest, Network, NetworkSpec, PortRequest, PublishedPort } from "../../src/network/network.ts";

export class FakeNetwork implements Network {
  readonly namespaces = new Set<string>();
  readonly attached = new Map<string, Attachment>();
  /** Thrown by the next attach. */
  failing: Error | undefined;
  private next = 2;
  private nextPort = 32_768;

  async createNetwork(_spec: NetworkSpec): Promise<void> {}

  async removeNetwork(_spec: NetworkSpec): Promise<void> {}

  chooseSubnet(): { subnet: string; gateway: string } {
    return { subnet: "10.99.0.0/24", gateway: "10.99.0.1" };
  }

  async createNamespace(containerId: string): Promise<string> {
    this.namespaces.add(containerId);
    return this.namespacePath(containerId);
  }

  async removeNamespace(containerId: string): Promise<void> {
    this.namespaces.delete(containerId);
  }

  namespacePath(containerId: string): string {
    return `/fake/netns/${containerId.slice(0, 12)}`;
  }

  async attach(request: AttachRequest): Promise<Attachment> {
    const error = this.failing;
    this.failing = undefined;
    if (error !== undefined) throw error;
    const published = request.publish.map((port) => this.publish(port, request));
    const attachment: Attachment = {
      networkId: request.network.id, endpointId: request.endpointId, containerId: request.containerId, names: request.names, interfaceName: request.interfaceName, hostInterface: "veth0",
      macAddress: "02:00:00:00:00:02", ipv4: { address: `10.98.0.${this.next++}`, prefix: 24, gateway: "10.98.0.1" }, published, netnsPath: request.netnsPath, defaultRoute: request.defaultRoute,
    };
    this.attached.set(request.endpointId, attachment);
    return attachment;
  }

  async detach(attachment: Attachment): Promise<void> {
    this.attached.delete(attachment.endpointId);
  }

  async makeGateway(attachment: Attachment, _network: NetworkSpec, _publish: readonly PortRequest[]): Promise<Attachment> {
    return { ...attachment, defaultRoute: true };
  }

  async recover(_networks: readonly NetworkSpec[], attachments: readonly Attachment[], containerIds: readonly string[] = []): Promise<void> {
    for (const attachment of attachments) this.attached.set(attachment.endpointId, attachment);
    for (const id of containerIds) this.namespaces.add(id);
  }

  setNames(attachment: Attachment, names: readonly string[]): void {
    const known = this.attached.get(attachment.endpointId);
    if (known !== undefined) this.attached.set(attachment.endpointId, { ...known, names });
  }

  async counters(): Promise<Record<string, never>> {
    return {};
  }

  async resolvConf({ dns }: { dns: readonly string[] }): Promise<string> {
    return dns.map((server) => `nameserver ${server}\n`).join("");
  }

  async close(): Promise<void> {}

  private publish(port: PortRequest, request: AttachRequest): PublishedPort {
    const hostPort = port.hostPort === "" ? this.nextPort++ : Number(port.hostPort);
    for (const other of this.attached.values()) {
      if (other.published.some((taken) => taken.hostPort === hostPort && taken.protocol === port.protocol)) {
        throw internal(`driver failed programming external connectivity on endpoint ${request.names[0]} (${request.endpointId}): Bind for 0.0.0.0:${hostPort} failed: port is already allocated`);
      }
    }
    return { containerPort: port.containerPort, protocol: port.protocol, hostIp: port.hostIp || "0.0.0.0", hostPort };
  }
}
