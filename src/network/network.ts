// Door of the network: bridges, addresses, container interfaces, published ports, names. Remembers nothing that must
// survive: it is handed the network rows and attachments, and returns what the caller writes down.

export { openNetwork } from "./open.ts";

export interface NetworkSpec {
  id: string;
  name: string;
  /** Kernel name of the bridge. */
  bridge: string;
  subnets: readonly { subnet: string; gateway: string; ipRange?: string; auxiliary?: readonly string[] }[];
  internal: boolean;
  enableIPv6: boolean;
  mtu: number;
  /** Inter-container connectivity (com.docker.network.bridge.enable_icc). */
  icc: boolean;
  masquerade: boolean;
  /** Host address that published ports bind to by default. */
  hostBindingIp: string;
  /** Containers on user-defined networks find each other by name; on the default bridge they don't. */
  names: boolean;
}

export interface PortRequest {
  containerPort: number;
  protocol: "tcp" | "udp" | "sctp";
  hostIp?: string;
  /** "": any free port; "8000-8010": the first free one in it. */
  hostPort: string;
}

export interface PublishedPort {
  containerPort: number;
  protocol: "tcp" | "udp" | "sctp";
  hostIp: string;
  hostPort: number;
}

/** Plain JSON; handed back at detach and after a restart of the daemon. */
export interface Attachment {
  networkId: string;
  endpointId: string;
  containerId: string;
  /** Names that answer to DNS on this network. */
  names: readonly string[];
  interfaceName: string;
  hostInterface: string;
  macAddress: string;
  ipv4?: { address: string; prefix: number; gateway: string };
  ipv6?: { address: string; prefix: number; gateway: string };
  published: readonly PublishedPort[];
  netnsPath: string;
  /** The one that was asked for, if any. */
  wantedMacAddress?: string;
  /** It carries the container's default route. */
  defaultRoute?: boolean;
  /** Resolvers asked for what is not ours, instead of the host's. */
  dns?: readonly string[];
  /** Names that only this container uses for others: alias → name. */
  links?: Readonly<Record<string, string>>;
}

export interface AttachRequest {
  network: NetworkSpec;
  containerId: string;
  endpointId: string;
  /** From createNamespace. */
  netnsPath: string;
  /** Name, short id and aliases. */
  names: readonly string[];
  ipv4?: string;
  ipv6?: string;
  macAddress?: string;
  /** eth0, eth1, … */
  interfaceName: string;
  /** This attachment carries the default route. */
  defaultRoute: boolean;
  publish: readonly PortRequest[];
  dns?: readonly string[];
  links?: Readonly<Record<string, string>>;
}

export interface Network {
  /** Makes or repairs bridge and firewall rules. Also checks that the subnet overlaps nothing: `invalid`/`forbidden` in Docker's words. */
  createNetwork(spec: NetworkSpec): Promise<void>;
  removeNetwork(spec: NetworkSpec): Promise<void>;
  /** Picks a free subnet from the default pools, given those in use. */
  chooseSubnet(enableIPv6: boolean, inUse: readonly string[]): { subnet: string; gateway: string };
  /** Makes an empty network namespace (lo up) kept by a file; returns its path. */
  createNamespace(containerId: string): Promise<string>;
  removeNamespace(containerId: string): Promise<void>;
  /** Where createNamespace puts it. */
  namespacePath(containerId: string): string;
  /** Address, veth pair, routes, published ports; undone wholly if it throws. Port taken: Docker's text
   * `driver failed programming external connectivity on endpoint …: Bind for 0.0.0.0:80 failed: port is already allocated` (`internal`). */
  attach(request: AttachRequest): Promise<Attachment>;
  /** `namespaceEnds`: nothing runs in the namespace any more and it is removed next; the interface goes with it. */
  detach(attachment: Attachment, network: NetworkSpec, options?: { namespaceEnds?: boolean }): Promise<void>;
  /** The default route goes through this attachment from now on, and these ports are published to it (in place of what it publishes). */
  makeGateway(attachment: Attachment, network: NetworkSpec, publish: readonly PortRequest[]): Promise<Attachment>;
  /** After a restart of the daemon: what still stands. Rebuilds addresses in use, port claims, rules, proxies and DNS; takes away what is ours and not in the lists.
   * `containerIds`: further containers whose namespace stays although nothing is attached to it. */
  recover(networks: readonly NetworkSpec[], attachments: readonly Attachment[], containerIds?: readonly string[]): Promise<void>;
  /** Changes the names an attachment answers to (rename). */
  setNames(attachment: Attachment, names: readonly string[]): void;
  /** Rx/tx counters of a container's interfaces by interface name. */
  counters(netnsPath: string): Promise<Record<string, { rxBytes: number; rxPackets: number; rxErrors: number; rxDropped: number; txBytes: number; txPackets: number; txErrors: number; txDropped: number }>>;
  /** resolv.conf text for a container. `embedded`: the daemon answers at 127.0.0.11 in that namespace and forwards the rest. */
  resolvConf(options: { dns: readonly string[]; search: readonly string[]; options: readonly string[]; embedded: boolean; hostNetwork?: boolean }): Promise<string>;
  /** Without containers left: takes bridges and rules away too. */
  close(): Promise<void>;
}

export interface NetworkOptions {
  runRoot: string;
  /** Name of the default bridge: berth0 unless --bridge. Also makes the names of this engine's firewall tables, so engines side by side don't meet. */
  bridge: string;
  /** Start of this executable for helper processes (port proxy), if any is wanted. */
  workerCommand: readonly string[];
}
