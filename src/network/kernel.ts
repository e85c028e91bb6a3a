// The kernel's network as this workshop uses it: the host's links and rules, and a look inside a namespace.
import { writeFileSync, readFileSync } from "node:fs";
import type { Ip } from "../linux/address.ts";
import { forgetDatagramsTo } from "../linux/conntrack.ts";
import { Links } from "../linux/links.ts";
import { type Namespaces, openNamespaces } from "../linux/namespaces.ts";
import { Nftables } from "../linux/nftables.ts";
import { openSocketCalls } from "../linux/socket-calls.ts";

export interface Kernel {
  namespaces: Namespaces;
  /** Of the host. */
  links: Links;
  /** Of the host. */
  nftables: Nftables;
  /** Links and rules of a namespace, for the time of `work` (which runs outside).*/
  inside<T>(netnsPath: string, work: (inner: { links: Links; nftables: Nftables }) => T): T;
  /** Datagrams already redirected to this address: the next ones are looked at anew. */
  forgetDatagramsTo(ip: Ip): void;
  /** Writes kernel settings of a namespace, those that exist there. */
  setInside(netnsPath: string, settings: Readonly<Record<string, string>>): void;
  close(): void;
}

export function openKernel(): Kernel {
  const calls = openSocketCalls();
  const namespaces = openNamespaces(calls);
  const links = new Links(calls);
  const nftables = new Nftables(calls);
  return {
    namespaces,
    links,
    nftables,
    inside(netnsPath, work) {
      // a netlink socket belongs to the namespace it was made in, wherever it is used from
      const inner = namespaces.within(netnsPath, () => ({ links: new Links(calls), nftables: new Nftables(calls) }));
      try {
        return work(inner);
      } finally {
        inner.links.close();
        inner.nftables.close();
      }
    },
    forgetDatagramsTo: (ip) => forgetDatagramsTo(calls, ip),
    setInside: (netnsPath, settings) => namespaces.within(netnsPath, () => Object.entries(settings).forEach(([name, value]) => writeSetting(name, value))),
    close() {
      links.close();
      nftables.close();
    },
  };
}

/** "net/ipv4/ip_forward" → its value; undefined if the kernel has no such setting. */
export function readSetting(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name}`, "utf8").trim();
  } catch {
    // e.g. a kernel without IPv6
    return undefined;
  }
}

/** Leaves alone what has the value already (the file may be read-only in a container). */
export function writeSetting(name: string, value: string): void {
  const now = readSetting(name);
  if (now !== undefined && now !== value) writeFileSync(`/proc/sys/${name}`, value);
}
