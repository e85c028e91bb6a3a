// POST /networks/create
import { randomBytes } from "node:crypto";
import { conflict, forbidden, internal, invalid, notFound, notImplemented } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import { parseSubnet } from "../../linux/address.ts";
import type { Actor, NetworkRow, Reader } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { checkIpam, type IpamRequest } from "./ipam-config.ts";
import { checkBridgeOptions, networkSpec, OPTION } from "./spec.ts";

export interface CreateNetworkRequest {
  Name?: string;
  Driver?: string;
  Scope?: string;
  EnableIPv4?: boolean | null;
  EnableIPv6?: boolean | null;
  IPAM?: IpamRequest | null;
  Internal?: boolean;
  Attachable?: boolean;
  Ingress?: boolean;
  ConfigOnly?: boolean;
  ConfigFrom?: { Network?: string } | null;
  Options?: Record<string, string> | null;
  Labels?: Record<string, string> | null;
}

export type NetworkParts = Pick<Engine, "store" | "network" | "events" | "clock" | "log">;

const PREDEFINED = ["bridge", "host", "none", "default"];

export async function createNetwork(engine: NetworkParts, request: CreateNetworkRequest, actor: Actor): Promise<{ Id: string; Warning: string }> {
  checkRequest(request);
  // the row first: the name, the bridge and the subnets are ours from here on
  const row = engine.store.update((tx) => {
    const name = request.Name ?? "";
    if (tx.networks.any("name", name)) throw conflict(`network with name ${name} already exists`, { network: name });
    const made = createRow(engine, tx, request);
    tx.networks.put(made);
    return made;
  });
  failpoint("network:after-row");
  try {
    await engine.network.createNetwork(networkSpec(row));
    failpoint("network:after-bridge");
  } catch (error) {
    engine.store.update((tx) => void tx.networks.remove(row.id));
    throw error;
  }
  engine.events.emit({ type: "network", action: "create", actorId: row.id, attributes: { name: row.name, type: row.driver }, by: actor });
  return { Id: row.id, Warning: "" };
}

function checkRequest(request: CreateNetworkRequest): void {
  const name = request.Name ?? "";
  if (name.trim() === "") throw invalid("invalid name: name is empty");
  if (PREDEFINED.includes(name)) throw forbidden(`operation is not permitted on predefined ${name} network `);
  checkIpam(request.IPAM);
  if (request.Scope === "swarm") throw forbidden("cannot create a swarm scoped network when swarm is not active");
  if (request.Ingress === true) throw forbidden("Ingress network can only be global scope network");
  if (request.ConfigOnly === true || (request.ConfigFrom?.Network ?? "") !== "") throw notImplemented("configuration networks are not supported");
  const driver = request.Driver ?? "";
  if (driver === "host" || driver === "null") throw forbidden(`only one instance of "${driver}" network is allowed`);
  if (driver !== "" && driver !== "bridge" && driver !== "default") throw notFound(`plugin "${driver}" not found`);
  checkBridgeOptions(request.Options ?? {});
}

function createRow(engine: NetworkParts, tx: Reader, request: CreateNetworkRequest): NetworkRow {
  const id = randomBytes(32).toString("hex");
  const options = { ...request.Options };
  const config = (request.IPAM?.Config ?? []).map(({ Subnet = "", IPRange = "", Gateway = "", AuxiliaryAddresses }) => ({
    Subnet,
    ...(IPRange === "" ? {} : { IPRange }),
    ...(Gateway === "" ? {} : { Gateway }),
    ...(AuxiliaryAddresses === undefined || AuxiliaryAddresses === null || Object.keys(AuxiliaryAddresses).length === 0 ? {} : { AuxiliaryAddresses }),
  }));
  const automatic: (4 | 6)[] = [];
  const inUse = tx.networks.list().flatMap((network) => network.ipam.config.flatMap((each) => each.Subnet ?? []));
  const has = (family: 4 | 6): boolean => config.some((each) => parseSubnet(each.Subnet)?.family === family);
  for (const family of [4, 6] as const) {
    if (has(family) || (family === 6 && request.EnableIPv6 !== true)) continue;
    const { subnet, gateway } = engine.network.chooseSubnet(family === 6, inUse);
    automatic.push(family);
    const chosen = { Subnet: subnet, Gateway: gateway };
    if (family === 4) config.unshift(chosen);
    else config.push(chosen);
  }
  const row: NetworkRow = {
    id,
    name: request.Name ?? "",
    driver: "bridge",
    created: engine.clock.nowRfc3339(),
    createdMs: engine.clock.nowMs(),
    internal: request.Internal === true,
    attachable: request.Attachable === true,
    enableIPv6: request.EnableIPv6 === true,
    ipam: { driver: "default", options: request.IPAM?.Options ?? null, config },
    options,
    labels: { ...request.Labels },
    bridge: options[OPTION.name] ?? `br-${id.slice(0, 12)}`,
    automaticSubnets: automatic,
    predefined: false,
  };
  const twin = tx.networks.list().find((other) => other.bridge === row.bridge);
  if (twin !== undefined) throw forbidden(`cannot create network ${id} (${row.bridge}): conflicts with network ${twin.id} (${twin.bridge}): networks have same bridge name`);
  if (config.length === 0) throw internal("a network without subnets");
  return row;
}
