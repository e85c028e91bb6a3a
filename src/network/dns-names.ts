// Who is called what on which network. Rebuilt from the attachments; asked by the answering machines.
import { type Ip, ipBytes } from "../linux/address.ts";
import { addressOfReverseName, type Answer, TYPE } from "./dns-message.ts";

export interface NamedEndpoint {
  endpointId: string;
  containerId: string;
  networkId: string;
  networkName: string;
  /** First the container's name. */
  names: readonly string[];
  ipv4?: Ip;
  ipv6?: Ip;
}

/** `undefined`: not ours to answer, ask others. An empty list: the name exists, but not with that type. */
export type Resolved = Answer[] | undefined;

export class DnsNames {
  private readonly endpoints = new Map<string, NamedEndpoint>();
  /** By network id, then name in lower case. */
  private readonly byName = new Map<string, Map<string, Set<NamedEndpoint>>>();

  set(endpoint: NamedEndpoint): void {
    this.remove(endpoint.endpointId);
    this.endpoints.set(endpoint.endpointId, endpoint);
    for (const name of endpoint.names) this.entry(endpoint.networkId, name).add(endpoint);
  }

  remove(endpointId: string): void {
    const endpoint = this.endpoints.get(endpointId);
    if (endpoint === undefined) return;
    this.endpoints.delete(endpointId);
    const names = this.byName.get(endpoint.networkId);
    for (const name of endpoint.names.map((each) => each.toLowerCase())) {
      const holders = names?.get(name);
      holders?.delete(endpoint);
      if (holders?.size === 0) names?.delete(name);
    }
    if (names?.size === 0) this.byName.delete(endpoint.networkId);
  }

  find(endpointId: string): NamedEndpoint | undefined {
    return this.endpoints.get(endpointId);
  }

  /**
   * As seen from a container on these networks. `links` are names of its own for others (old → new name).
   * A name may carry the network's behind it: "web.backend".
   */
  resolve(name: string, type: number, networks: readonly { id: string; name: string }[], links: ReadonlyMap<string, string> = new Map()): Resolved {
    if (type === TYPE.ptr) return this.reverse(name, networks);
    const plain = links.get(name) ?? name;
    const holders = this.holders(plain, networks);
    if (holders === undefined) return undefined;
    const answers: Answer[] = [];
    for (const { ipv4, ipv6 } of holders) {
      if (ipv4 !== undefined && (type === TYPE.a || type === TYPE.any)) answers.push({ type: TYPE.a, address: ipBytes(ipv4) });
      if (ipv6 !== undefined && (type === TYPE.aaaa || type === TYPE.any)) answers.push({ type: TYPE.aaaa, address: ipBytes(ipv6) });
    }
    return answers;
  }

  private holders(name: string, networks: readonly { id: string; name: string }[]): NamedEndpoint[] | undefined {
    for (const network of networks) {
      const whole = this.byName.get(network.id)?.get(name);
      if (whole !== undefined) return [...whole];
    }
    for (const network of networks) {
      const suffix = `.${network.name.toLowerCase()}`;
      const found = name.endsWith(suffix) ? this.byName.get(network.id)?.get(name.slice(0, -suffix.length)) : undefined;
      if (found !== undefined) return [...found];
    }
    return undefined;
  }

  private reverse(name: string, networks: readonly { id: string; name: string }[]): Resolved {
    const address = addressOfReverseName(name);
    if (address === undefined) return undefined;
    for (const endpoint of this.endpoints.values()) {
      if (!networks.some((network) => network.id === endpoint.networkId)) continue;
      const isIt = [endpoint.ipv4, endpoint.ipv6].some((ip) => ip !== undefined && Buffer.from(ipBytes(ip)).equals(address));
      if (isIt) return [{ type: TYPE.ptr, name: `${endpoint.names[0] ?? endpoint.containerId.slice(0, 12)}.${endpoint.networkName}` }];
    }
    return undefined;
  }

  private entry(networkId: string, name: string): Set<NamedEndpoint> {
    let names = this.byName.get(networkId);
    if (names === undefined) this.byName.set(networkId, (names = new Map()));
    const key = name.toLowerCase();
    let holders = names.get(key);
    if (holders === undefined) names.set(key, (holders = new Set()));
    return holders;
  }
}
