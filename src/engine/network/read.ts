// A network as the API shows it.
import type { ContainerRow, NetworkRow, Reader } from "../../store/store.ts";
import type { EndpointSettings } from "../../wire/docker.ts";

export interface NetworkJson {
  Name: string;
  Id: string;
  Created: string;
  Scope: "local";
  Driver: string;
  EnableIPv4: boolean;
  EnableIPv6: boolean;
  IPAM: { Driver: string; Options: Record<string, string> | null; Config: object[] | null };
  Internal: boolean;
  Attachable: boolean;
  Ingress: boolean;
  ConfigFrom: { Network: string };
  ConfigOnly: boolean;
  Containers: Record<string, { Name: string; EndpointID: string; MacAddress: string; IPv4Address: string; IPv6Address: string }>;
  Options: Record<string, string>;
  Labels: Record<string, string>;
}

export interface ActiveEndpoint {
  container: ContainerRow;
  settings: EndpointSettings;
}

/** Running containers on a network. */
export function activeEndpoints(tx: Pick<Reader, "containers">, network: NetworkRow): ActiveEndpoint[] {
  return tx.containers.by("network", network.name).flatMap((container) => {
    const settings = container.networks[network.name];
    return settings === undefined || (settings.EndpointID ?? "") === "" ? [] : [{ container, settings }];
  });
}

export function networkJson(row: NetworkRow, endpoints: readonly ActiveEndpoint[]): NetworkJson {
  return {
    Name: row.name,
    Id: row.id,
    Created: row.created,
    Scope: "local",
    Driver: row.driver,
    EnableIPv4: true,
    EnableIPv6: row.enableIPv6,
    IPAM: { Driver: row.ipam.driver, Options: row.ipam.options, Config: row.driver === "bridge" ? row.ipam.config : null },
    Internal: row.internal,
    Attachable: row.attachable,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Containers: Object.fromEntries(endpoints.map(({ container, settings }) => [container.id, endpointJson(container, settings)])),
    Options: { ...row.options },
    Labels: { ...row.labels },
  };
}

function endpointJson(container: ContainerRow, settings: EndpointSettings): NetworkJson["Containers"][string] {
  return {
    Name: container.name,
    EndpointID: settings.EndpointID ?? "",
    MacAddress: settings.MacAddress ?? "",
    IPv4Address: withPrefix(settings.IPAddress, settings.IPPrefixLen),
    IPv6Address: withPrefix(settings.GlobalIPv6Address, settings.GlobalIPv6PrefixLen),
  };
}

function withPrefix(address = "", prefix = 0): string {
  return address === "" ? "" : `${address}/${prefix}`;
}
