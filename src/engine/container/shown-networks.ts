// NetworkSettings as inspect shows them: the endpoint of the default bridge also stands on its own, as it did before networks had names.
import type { ContainerRow } from "../../store/store.ts";
import type { EndpointSettings } from "../../wire/docker.ts";

export function shownNetworkSettings(row: ContainerRow, namespacePath: string): Record<string, unknown> {
  const isAttached = Object.values(row.networks).some((settings) => (settings.EndpointID ?? "") !== "") || (row.state.Pid > 0 && Object.keys(row.networks).length > 0);
  const main: EndpointSettings = row.networks["bridge"] ?? {};
  return {
    Bridge: "",
    SandboxID: isAttached ? row.id : "",
    SandboxKey: isAttached ? namespacePath : "",
    Ports: row.ports ?? {},
    HairpinMode: false,
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: main.EndpointID ?? "",
    Gateway: main.Gateway ?? "",
    GlobalIPv6Address: main.GlobalIPv6Address ?? "",
    GlobalIPv6PrefixLen: main.GlobalIPv6PrefixLen ?? 0,
    IPAddress: main.IPAddress ?? "",
    IPPrefixLen: main.IPPrefixLen ?? 0,
    IPv6Gateway: main.IPv6Gateway ?? "",
    MacAddress: main.MacAddress ?? "",
    Networks: row.networks,
  };
}
