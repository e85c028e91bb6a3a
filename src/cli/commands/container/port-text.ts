// The PORTS column: sorted, neighbouring ports with the same mapping joined to ranges.
export interface PortSummary {
  IP?: string;
  PrivatePort: number;
  PublicPort?: number;
  Type: string;
}

export function portsText(ports: readonly PortSummary[]): string {
  const ranges: { key: string; first: number; last: number }[] = [];
  const open = new Map<string, { key: string; first: number; last: number }>();
  const moved: string[] = [];
  for (const port of [...ports].toSorted(comparePorts)) {
    const { PrivatePort: current, PublicPort, IP = "", Type } = port;
    if (IP !== "" && PublicPort !== current) {
      moved.push(`${hostPort(IP, String(PublicPort ?? 0))}->${current}/${Type}`);
      continue;
    }
    const key = IP === "" ? Type : `${IP}/${Type}`;
    const range = open.get(key);
    if (range && current === range.last + 1) range.last = current;
    else {
      if (range) ranges.push({ ...range });
      if (range) Object.assign(range, { first: current, last: current });
      else open.set(key, { key, first: current, last: current });
    }
  }
  return [...ranges, ...open.values()].map(rangeText).concat(moved).join(", ");
}

function rangeText({ key, first, last }: { key: string; first: number; last: number }): string {
  const slash = key.lastIndexOf("/");
  const ports = first === last ? String(first) : `${first}-${last}`;
  if (slash < 0) return `${ports}/${key}`;
  return `${hostPort(key.slice(0, slash), ports)}->${ports}/${key.slice(slash + 1)}`;
}

export function hostPort(ip: string, port: string): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function comparePorts(a: PortSummary, b: PortSummary): number {
  return a.PrivatePort - b.PrivatePort || text(a.IP, b.IP) || (a.PublicPort ?? 0) - (b.PublicPort ?? 0) || text(a.Type, b.Type);
}

const text = (x = "", y = "") => (x < y ? -1 : x > y ? 1 : 0);
