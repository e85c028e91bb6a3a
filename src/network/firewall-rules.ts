// The text of an engine's firewall: one table per address family, named after its default bridge. Networks are elements
// of its sets and published ports elements of its maps, so that the rules themselves never change. Pure.
import { createHash } from "node:crypto";

export interface RuleNetwork {
  bridge: string;
  internal: boolean;
  masquerade: boolean;
  /** Canonical subnets of this family. */
  subnets: readonly string[];
}

export type RuleFamily = "ip" | "ip6";

export const PUBLISHED = "published";
export const PUBLISHED_ANY = "published_any";

export function tableName(bridge: string): string {
  // names of interfaces may hold what nft's words may not
  return /^[A-Za-z][\w.-]*$/.test(bridge) ? `berth-${bridge}` : `berth-${createHash("sha256").update(bridge).digest("hex").slice(0, 12)}`;
}

/** A table without networks and ports in it. `closed`: other forwarding is refused. Together with removeTable it replaces one. */
export function skeleton(family: RuleFamily, table: string, closed: boolean): string {
  const address = family === "ip" ? "ipv4_addr" : "ipv6_addr";
  const loopback = family === "ip" ? "127.0.0.0/8" : "::1";
  // a host's own connection to its loopback address leaves by the bridge: answers must find back
  const fromLoopback = family === "ip" ? `\n    ip saddr ${loopback} oifname @bridges masquerade` : "";
  return `table ${family} ${table} {
  set bridges { type ifname; }
  set internals { type ifname; }
  set within { type ifname . ifname; }
  set subnets { type ${address}; flags interval; }
  set masqueraded { type ${address}; flags interval; }
  map ${PUBLISHED} { type inet_proto . ${address} . inet_service : ${address} . inet_service; }
  map ${PUBLISHED_ANY} { type inet_proto . inet_service : ${address} . inet_service; }
  chain early {
    type filter hook prerouting priority raw; policy accept;
    iifname @bridges ${family} daddr ${loopback} drop
  }
  chain publish {
    dnat to meta l4proto . ${family} daddr . th dport map @${PUBLISHED}
    dnat to meta l4proto . th dport map @${PUBLISHED_ANY}
  }
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local jump publish
  }
  chain output {
    type nat hook output priority -100; policy accept;
    fib daddr type local jump publish
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname . oifname @within accept
    oifname @internals drop
    iifname @internals drop
    oifname @bridges ct state established,related accept
    oifname @bridges ct status dnat accept
    oifname @bridges drop
    iifname @bridges accept${closed ? "\n    drop" : ""}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;${fromLoopback}
    ct status dnat ${family} saddr @subnets oifname @bridges masquerade
    ${family} saddr @masqueraded oifname != @bridges masquerade
  }
}
`;
}

export function addNetwork(family: RuleFamily, table: string, network: RuleNetwork): string {
  return elements("add", family, table, network);
}

export function removeNetwork(family: RuleFamily, table: string, network: RuleNetwork): string {
  return elements("delete", family, table, network);
}

export function removeTable(family: RuleFamily, table: string): string {
  return `table ${family} ${table}\ndelete table ${family} ${table}\n`;
}

function elements(verb: "add" | "delete", family: RuleFamily, table: string, network: RuleNetwork): string {
  const line = (set: string, value: string): string => `${verb} element ${family} ${table} ${set} { ${value} }\n`;
  const bridge = `"${network.bridge}"`;
  let text = line("bridges", bridge) + line("within", `${bridge} . ${bridge}`);
  if (network.internal) text += line("internals", bridge);
  for (const subnet of network.subnets) {
    text += line("subnets", subnet);
    if (network.masquerade && !network.internal) text += line("masqueraded", subnet);
  }
  return text;
}

/** For a host whose own forwarding chain drops by default (as another engine or ufw leaves it): ours may pass. */
export function passForeignChain(family: RuleFamily, bridge: string): string {
  return `insert rule ${family} filter FORWARD iifname "${bridge}" counter accept
insert rule ${family} filter FORWARD oifname "${bridge}" counter accept
`;
}

/** Handles of our rules in the text of \`nft -a list chain FAMILY filter FORWARD\`. */
export function foreignHandles(listing: string, bridge: string): string[] {
  const handles: string[] = [];
  for (const line of listing.split("\n")) {
    const match = /^\s*[io]ifname "([^"]+)" counter .*accept # handle (\d+)$/.exec(line);
    if (match?.[1] === bridge && match[2] !== undefined) handles.push(match[2]);
  }
  return handles;
}
