// A container's place on a network: address, interface, routes, published ports. Made whole or not at all.
import { existsSync } from "node:fs";
import { EngineError, internal, kindOf, messageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { openScope } from "../base/scope.ts";
import { formatIp, ipBytes, parseIp } from "../linux/address.ts";
import { deleteLink } from "../linux/firewall.ts";
import { concatenation, type MapElement, port16 } from "../linux/nftables.ts";
import { type Bridges, type BridgeState, gatewayOf } from "./bridges.ts";
import { PUBLISHED, PUBLISHED_ANY } from "./firewall-rules.ts";
import { type AddressPool, macOf, takeAddress } from "./ipam.ts";
import { type Kernel, readSetting } from "./kernel.ts";
import type { Attachment, AttachRequest, NetworkSpec, PortRequest, PublishedPort } from "./network.ts";
import type { Claims, PortClaims } from "./port-claims.ts";
import type { Sandboxes } from "./sandboxes.ts";

const PROTOCOL = { tcp: 6, udp: 17, sctp: 132 } as const;

export interface EndpointParts {
  kernel: Kernel;
  bridges: Bridges;
  sandboxes: Sandboxes;
  ports: PortClaims;
  log: Log;
}

export class Endpoints {
  /** By endpoint: its claims of host ports. */
  private readonly claims = new Map<string, Claims>();

  constructor(private readonly parts: EndpointParts) {}

  async attach(request: AttachRequest): Promise<Attachment> {
    const { kernel, bridges, sandboxes, log } = this.parts;
    const state = bridges.get(request.network.id);
    await bridges.ensurePassage(state);
    await using scope = openScope(log);
    const ipv4 = state.ipv4 === undefined ? undefined : this.take(state, state.ipv4, request.ipv4);
    if (ipv4 !== undefined) scope.defer("give back address", () => state.taken[4].delete(ipv4));
    const ipv6 = state.ipv6 === undefined ? undefined : this.take(state, state.ipv6, request.ipv6);
    if (ipv6 !== undefined) scope.defer("give back address", () => state.taken[6].delete(ipv6));
    const place = placeOf(state, request, ipv4, ipv6);
    const attachment: Attachment = { ...place, published: await this.publish(place, request.network, request.publish) };
    scope.defer("unpublish", () => this.unpublish(attachment));
    kernel.links.createVeth({
      name: attachment.hostInterface,
      bridge: state.index,
      mtu: request.network.mtu,
      peer: { name: attachment.interfaceName, macAddress: attachment.macAddress, netnsPath: attachment.netnsPath },
      // bridged packets that are redirected back to where they came from
      hairpin: attachment.published.length > 0 && readSetting("net/bridge/bridge-nf-call-iptables") === "1",
      isolated: !request.network.icc,
    });
    scope.defer("remove interface", () => kernel.links.remove(attachment.hostInterface));
    this.configure(attachment);
    await sandboxes.add(attachment, request.network);
    scope.defer("forget names", () => sandboxes.forget(attachment));
    scope.keep();
    return attachment;
  }

  async detach(attachment: Attachment, network: NetworkSpec, namespaceEnds: boolean): Promise<void> {
    const { kernel, sandboxes } = this.parts;
    sandboxes.forget(attachment);
    this.unpublish(attachment);
    // at once and for sure silent; the device itself takes the kernel a while
    kernel.links.disablePort(attachment.hostInterface);
    this.release(attachment, network);
    if (!namespaceEnds) await deleteLink(attachment.hostInterface);
  }

  async makeGateway(attachment: Attachment, network: NetworkSpec, requests: readonly PortRequest[]): Promise<Attachment> {
    this.unpublish(attachment);
    this.parts.kernel.inside(attachment.netnsPath, ({ links }) => {
      const index = links.find(attachment.interfaceName)?.index;
      if (index === undefined) throw internal(`no interface ${attachment.interfaceName}`);
      for (const [family, place] of [[4, attachment.ipv4], [6, attachment.ipv6]] as const) {
        const gateway = parseIp(place?.gateway ?? "");
        if (gateway === undefined) links.removeDefaultRoute(family);
        else links.setDefaultRoute(index, gateway);
      }
    });
    const moved: Attachment = { ...attachment, defaultRoute: true, published: await this.publish(attachment, network, requests) };
    await this.parts.sandboxes.add(moved, network);
    return moved;
  }

  /** Of an earlier daemon: still there? Then its address, ports and names are taken up again. */
  async recover(attachment: Attachment): Promise<boolean> {
    const { bridges, kernel, sandboxes, log } = this.parts;
    if (!existsSync(attachment.netnsPath) || kernel.links.find(attachment.hostInterface) === undefined) return false;
    const state = bridges.get(attachment.networkId);
    for (const [family, place] of [[4, attachment.ipv4], [6, attachment.ipv6]] as const) {
      const ip = parseIp(place?.address ?? "");
      if (ip !== undefined) state.taken[family].add(ip.value);
    }
    const requests = attachment.published.map(({ containerPort, protocol, hostIp, hostPort }) => ({ containerPort, protocol, hostIp, hostPort: String(hostPort) }));
    try {
      await this.publish(attachment, state.spec, requests);
    } catch (error) {
      log.error("a published port was lost while the daemon was away", { container: attachment.containerId, error: messageOf(error) });
      kernel.nftables.addElements(this.elements(attachment, attachment.published));
    }
    await sandboxes.add(attachment, state.spec);
    return true;
  }

  /** Lets go of host ports; rules stay as they are. */
  close(): void {
    for (const claims of this.claims.values()) claims.release();
    this.claims.clear();
  }

  private take(state: BridgeState, pool: AddressPool, wanted: string | undefined): bigint {
    const taken = state.taken[pool.subnet.family];
    const value = takeAddress(pool, taken, state.spec, wanted);
    taken.add(value);
    return value;
  }

  private release(attachment: Attachment, network: NetworkSpec): void {
    const state = this.parts.bridges.list().find((each) => each.spec.id === network.id);
    for (const [family, place] of [[4, attachment.ipv4], [6, attachment.ipv6]] as const) {
      const ip = parseIp(place?.address ?? "");
      if (ip !== undefined) state?.taken[family].delete(ip.value);
    }
  }

  private configure(attachment: Attachment): void {
    const { kernel } = this.parts;
    const { interfaceName } = attachment;
    const isDual = attachment.ipv6 !== undefined;
    kernel.setInside(attachment.netnsPath, { [`net/ipv6/conf/${interfaceName}/disable_ipv6`]: isDual ? "0" : "1", ...(isDual ? { [`net/ipv6/conf/${interfaceName}/accept_ra`]: "0" } : {}) });
    kernel.inside(attachment.netnsPath, ({ links }) => {
      const index = links.find(interfaceName)?.index;
      if (index === undefined) throw internal(`no interface ${interfaceName}`);
      links.setUp(index);
      for (const place of [attachment.ipv4, attachment.ipv6]) {
        const ip = parseIp(place?.address ?? "");
        if (place === undefined || ip === undefined) continue;
        links.addAddress(index, ip, place.prefix);
        const gateway = parseIp(place.gateway);
        if (attachment.defaultRoute === true && gateway !== undefined) links.setDefaultRoute(index, gateway);
      }
    });
  }

  private async publish(attachment: Omit<Attachment, "published">, network: NetworkSpec, requests: readonly PortRequest[]): Promise<readonly PublishedPort[]> {
    if (requests.length === 0 || network.internal) return [];
    const { ports, kernel } = this.parts;
    try {
      const claims = await ports.claim(requests, {
        hostBindingIp: network.hostBindingIp,
        ...(attachment.ipv4 === undefined ? {} : { ipv4: attachment.ipv4.address }),
        ...(attachment.ipv6 === undefined ? {} : { ipv6: attachment.ipv6.address }),
      });
      try {
        kernel.nftables.addElements(this.elements(attachment, claims.published));
      } catch (error) {
        claims.release();
        throw error;
      }
      this.claims.set(attachment.endpointId, claims);
      return claims.published;
    } catch (error) {
      const name = attachment.names[0] ?? attachment.containerId.slice(0, 12);
      const text = `driver failed programming external connectivity on endpoint ${name} (${attachment.endpointId}): ${messageOf(error)}`;
      throw new EngineError(kindOf(error), text, error instanceof EngineError ? { ...error.detail } : {}, error);
    }
  }

  private unpublish(attachment: Attachment): void {
    const { kernel } = this.parts;
    kernel.nftables.removeElements(this.elements(attachment, attachment.published));
    if (attachment.published.some((port) => port.protocol === "udp")) {
      for (const ip of [attachment.ipv4, attachment.ipv6].flatMap((place) => parseIp(place?.address ?? "") ?? [])) kernel.forgetDatagramsTo(ip);
    }
    this.claims.get(attachment.endpointId)?.release();
    this.claims.delete(attachment.endpointId);
  }

  /** What the firewall redirects: a family that the container has no address of is served by our sockets alone. */
  private elements(attachment: Omit<Attachment, "published">, published: readonly PublishedPort[]): MapElement[] {
    return published.flatMap((port): MapElement[] => {
      const hostIp = parseIp(port.hostIp);
      const ip = parseIp((hostIp?.family === 6 ? attachment.ipv6 : attachment.ipv4)?.address ?? "");
      if (hostIp === undefined || ip === undefined) return [];
      const protocol = Uint8Array.of(PROTOCOL[port.protocol]);
      const isAny = hostIp.value === 0n;
      const key = concatenation([protocol, ...(isAny ? [] : [ipBytes(hostIp)]), port16(port.hostPort)]);
      const value = concatenation([ipBytes(ip), port16(port.containerPort)]);
      return [{ family: hostIp.family === 6 ? "ip6" : "ip", table: this.parts.bridges.table, map: isAny ? PUBLISHED_ANY : PUBLISHED, key, value }];
    });
  }
}

function placeOf(state: BridgeState, request: AttachRequest, ipv4: bigint | undefined, ipv6: bigint | undefined): Omit<Attachment, "published"> {
  const at = (pool: AddressPool | undefined, value: bigint | undefined): Attachment["ipv4"] =>
    pool === undefined || value === undefined ? undefined : { address: formatIp(pool.subnet.family, value), prefix: pool.subnet.prefix, gateway: gatewayOf(state, pool) };
  const four = at(state.ipv4, ipv4);
  const six = at(state.ipv6, ipv6);
  return {
    networkId: request.network.id,
    endpointId: request.endpointId,
    containerId: request.containerId,
    names: request.names,
    interfaceName: request.interfaceName,
    hostInterface: `veth${request.endpointId.slice(0, 7)}`,
    macAddress: request.macAddress ?? (ipv4 === undefined ? macOf(6, ipv6 ?? 0n) : macOf(4, ipv4)),
    ...(request.macAddress === undefined ? {} : { wantedMacAddress: request.macAddress }),
    ...(four === undefined ? {} : { ipv4: four }),
    ...(six === undefined ? {} : { ipv6: six }),
    netnsPath: request.netnsPath,
    defaultRoute: request.defaultRoute,
    ...(request.dns === undefined || request.dns.length === 0 ? {} : { dns: request.dns }),
    ...(request.links === undefined ? {} : { links: request.links }),
  };
}
