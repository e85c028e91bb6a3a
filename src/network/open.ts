// Opens the network workshop: its parts, behind the door.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { messageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { parseSubnet } from "../linux/address.ts";
import { deleteLink } from "../linux/firewall.ts";
import { Bridges } from "./bridges.ts";
import { DnsNames } from "./dns-names.ts";
import { Endpoints } from "./endpoints.ts";
import { chooseIpv4Subnet, chooseIpv6Subnet } from "./ipam.ts";
import { openKernel } from "./kernel.ts";
import type { Attachment, Network, NetworkOptions, NetworkSpec } from "./network.ts";
import { PortClaims } from "./port-claims.ts";
import { readHostResolvConf, writeResolvConf } from "./resolv-conf.ts";
import { Sandboxes } from "./sandboxes.ts";

export function openNetwork(options: NetworkOptions, log: Log): Network {
  const kernel = openKernel();
  const bridges = new Bridges(options, kernel, log);
  const sandboxes = new Sandboxes(options.bridge, kernel, new DnsNames(), log);
  const endpoints = new Endpoints({ kernel, bridges, sandboxes, ports: new PortClaims(), log });
  /** Networks with something attached. */
  const used = new Map<string, string>();

  const recover = async (networks: readonly NetworkSpec[], attachments: readonly Attachment[], containerIds: readonly string[] = []): Promise<void> => {
    await bridges.recover(networks);
    const standing = new Set<string>();
    for (const attachment of attachments) {
      try {
        if (!(await endpoints.recover(attachment))) continue;
        standing.add(attachment.hostInterface);
        used.set(attachment.endpointId, attachment.networkId);
      } catch (error) {
        log.error("an attachment cannot be taken up again", { container: attachment.containerId, error: messageOf(error) });
      }
    }
    sandboxes.discardOthers([...containerIds, ...attachments.map((attachment) => attachment.containerId)]);
    for (const name of bridges.ports()) if (name.startsWith("veth") && !standing.has(name)) await deleteLink(name);
  };

  return {
    createNetwork: (spec) => bridges.create(spec),
    removeNetwork: (spec) => bridges.remove(spec),
    chooseSubnet(enableIPv6, inUse) {
      const all = [...bridges.inUse(), ...inUse.flatMap((text) => parseSubnet(text) ?? [])];
      return enableIPv6 ? chooseIpv6Subnet(all, () => BigInt(`0x${randomBytes(8).toString("hex")}`)) : chooseIpv4Subnet(all);
    },
    createNamespace: async (containerId) => sandboxes.create(containerId),
    removeNamespace: async (containerId) => sandboxes.remove(containerId),
    namespacePath: (containerId) => sandboxes.pathOf(containerId),
    async attach(request) {
      const attachment = await endpoints.attach(request);
      used.set(attachment.endpointId, attachment.networkId);
      return attachment;
    },
    async detach(attachment, network, { namespaceEnds = false } = {}) {
      used.delete(attachment.endpointId);
      await endpoints.detach(attachment, network, namespaceEnds);
    },
    makeGateway: (attachment, network, publish) => endpoints.makeGateway(attachment, network, publish),
    recover,
    setNames: (attachment, names) => sandboxes.setNames(attachment, names),
    async counters(netnsPath) {
      // the container has just ended
      if (!existsSync(netnsPath)) return {};
      const links = kernel.inside(netnsPath, (inner) => inner.links.list());
      return Object.fromEntries(links.flatMap(({ name, stats }) => (name === "lo" || stats === undefined ? [] : [[name, stats]])));
    },
    resolvConf: async (input) => writeResolvConf(readHostResolvConf(), input),
    async close() {
      sandboxes.close();
      endpoints.close();
      await bridges.close(new Set(used.values()));
      kernel.close();
    },
  };
}
