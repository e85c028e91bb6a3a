// Ports of a container as the list shows them. Pure.
import type { ContainerRow } from "../../store/store.ts";

export interface ListedPort {
  IP?: string;
  PrivatePort: number;
  PublicPort?: number;
  Type: string;
}

export function listedPorts(row: Pick<ContainerRow, "ports">): ListedPort[] {
  return Object.entries(row.ports ?? {})
    .flatMap(([key, bindings]): ListedPort[] => {
      const [port, type = "tcp"] = key.split("/");
      const own = { PrivatePort: Number(port), Type: type };
      if (bindings === null || bindings.length === 0) return [own];
      return bindings.map(({ HostIp, HostPort }) => ({ IP: HostIp, PrivatePort: own.PrivatePort, PublicPort: Number(HostPort), Type: type }));
    })
    .toSorted((a, b) => a.PrivatePort - b.PrivatePort || a.Type.localeCompare(b.Type) || (a.PublicPort ?? 0) - (b.PublicPort ?? 0));
}
