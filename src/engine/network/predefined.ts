// The three networks that are always there (bridge, host, none), and how the world is brought in line with the records.
import { randomBytes } from "node:crypto";
import { parseSubnet, formatSubnet, formatIp } from "../../linux/address.ts";
import { invalid } from "../../base/errors.ts";
import type { Attachment } from "../../network/network.ts";
import type { NetworkRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { networkSpec, OPTION } from "./spec.ts";

/** At start: their rows. The default bridge follows the configuration, whatever it was before. */
export async function ensurePredefinedNetworks(engine: Pick<Engine, "store" | "clock" | "config">): Promise<void> {
  const bip = parseSubnet(engine.config.bip);
  if (bip === undefined || bip.family !== 4) throw invalid(`invalid --bip: ${engine.config.bip}`);
  const config = [{ Subnet: formatSubnet(bip), Gateway: formatIp(4, bip.address) }];
  engine.store.update((tx) => {
    const ensure = (name: string, driver: NetworkRow["driver"], rest: Partial<NetworkRow> = {}): void => {
      const known = tx.networks.by("name", name)[0];
      const base: NetworkRow = known ?? {
        id: randomBytes(32).toString("hex"), name, driver, created: engine.clock.nowRfc3339(), createdMs: engine.clock.nowMs(),
        internal: false, attachable: false, enableIPv6: false, ipam: { driver: "default", options: null, config: [] }, options: {}, labels: {}, predefined: true,
      };
      const row = { ...base, ...rest };
      if (known === undefined || JSON.stringify(known) !== JSON.stringify(row)) tx.networks.put(row);
    };
    ensure("bridge", "bridge", { bridge: engine.config.bridge, ipam: { driver: "default", options: null, config }, options: bridgeOptions(engine.config.bridge), automaticSubnets: [4] });
    ensure("host", "host");
    ensure("none", "null");
  });
}

/** At start, after the rows: bridges, rules, addresses, ports and names of what still runs. */
export async function recoverNetworks(engine: Pick<Engine, "store" | "network">): Promise<void> {
  const { specs, attachments, running } = engine.store.view((tx) => ({
    specs: tx.networks.list().flatMap((row) => (row.driver === "bridge" ? [networkSpec(row)] : [])),
    running: tx.containers.list().flatMap((row) => (row.state.Running ? [row.id] : [])),
    attachments: tx.containers.list().flatMap((row) => Object.values(row.attachments ?? {}) as Attachment[]),
  }));
  await engine.network.recover(specs, attachments, running);
}

function bridgeOptions(bridge: string): Record<string, string> {
  return {
    [OPTION.isDefault]: "true",
    [OPTION.icc]: "true",
    [OPTION.masquerade]: "true",
    [OPTION.hostBinding]: "0.0.0.0",
    [OPTION.name]: bridge,
    [OPTION.mtu]: "1500",
  };
}
