// POST /networks/{id}/connect
import { conflict, forbidden, invalid } from "../../base/errors.ts";
import type { Attachment } from "../../network/network.ts";
import type { ContainerRow, NetworkRow, Reader } from "../../store/store.ts";
import type { EndpointSettings } from "../../wire/docker.ts";
import { resolveContainer } from "../container/names.ts";
import type { Engine } from "../engine.ts";
import { attachOne, type AttachParts, detachOne, emitNetworkEvent } from "./attachments.ts";
import { checkEndpointSettings, detachedSettings, dnsNames } from "./endpoint.ts";
import { gatewayPlace, type Place } from "./gateway.ts";
import { rewriteNameFiles } from "./hosts-file.ts";
import { portRequests, portsJson } from "./ports.ts";
import { resolveNetwork } from "./resolve.ts";
import { networkSpec } from "./spec.ts";

export interface ConnectRequest {
  Container?: string;
  EndpointConfig?: EndpointSettings | null;
}

export type ConnectParts = AttachParts & Pick<Engine, "containerLocks">;

export async function connectNetwork(engine: ConnectParts, name: string, request: ConnectRequest): Promise<void> {
  const containerId = engine.store.view((tx) => {
    if ((request.Container ?? "") === "") throw invalid('invalid name or ID supplied: ""');
    const { id } = resolveContainer(tx, request.Container ?? "");
    checkEndpointSettings(resolveNetwork(tx, name), request.EndpointConfig);
    return id;
  });
  await engine.containerLocks.hold(containerId, async () => {
    const { row, network } = engine.store.view((tx) => ({ row: resolveContainer(tx, containerId), network: resolveNetwork(tx, name) }));
    checkMode(row, network);
    const settings = wantedSettings(row, network, request.EndpointConfig ?? {});
    if (!row.state.Running) return rememberOnly(engine, row, network, settings);
    if (row.networks[network.name] !== undefined) throw forbidden(`endpoint with name ${row.name} already exists in network ${network.name}`);
    await connectRunning(engine, row, { network, settings });
  });
}

function checkMode(row: ContainerRow, network: NetworkRow): void {
  const mode = row.hostConfig.NetworkMode ?? "default";
  if (row.state.Status === "removing" || row.state.Status === "dead") throw conflict(`container is marked for removal and cannot be connected or disconnected to the network`);
  if (mode.startsWith("container:") || (mode === "host" && network.name !== "host")) throw invalid("container sharing network namespace with another container or host cannot be connected to any other network");
  if (network.driver === "host" && mode !== "host") throw invalid("cannot connect container to host network - container must be created in host network mode");
  const names = Object.keys(row.networks);
  const isPrivate = names.includes("none") || (network.driver === "null" && names.length > 0);
  if (isPrivate && !(names.length === 1 && names[0] === network.name)) throw invalid("container cannot be connected to multiple networks with one of the networks in private (none) mode");
}

function wantedSettings(row: ContainerRow, network: NetworkRow, given: EndpointSettings): EndpointSettings {
  const settings = { ...detachedSettings(given, given.MacAddress), NetworkID: "" };
  return { ...settings, DNSNames: dnsNames(row, network, settings) };
}

function rememberOnly(engine: Pick<Engine, "store">, row: ContainerRow, network: NetworkRow, settings: EndpointSettings): void {
  changeRow(engine, row.id, (now) => ({ networks: { ...now.networks, [network.name]: settings } }));
}

/** Whatever else changed in the row while we waited stays. */
export function changeRow(engine: Pick<Engine, "store">, containerId: string, change: (now: ContainerRow) => Partial<ContainerRow>): void {
  engine.store.update((tx) => {
    const now = tx.containers.find(containerId);
    if (now !== undefined) tx.containers.put({ ...now, ...change(now) });
  });
}

async function connectRunning(engine: ConnectParts, row: ContainerRow, place: Place): Promise<void> {
  const { network } = place;
  const attachments = { ...(row.attachments as Record<string, Attachment> | undefined) };
  const used = new Set(Object.values(attachments).map((attachment) => attachment.interfaceName));
  let index = 0;
  while (used.has(`eth${index}`)) index++;
  const others = engine.store.view((tx) => placesOfRow(tx, row));
  const isGateway = gatewayPlace([...others, place])?.network.id === network.id;
  const former = isGateway ? Object.keys(attachments).find((name) => attachments[name]?.defaultRoute === true) : undefined;
  let ports = row.ports ?? {};
  if (former !== undefined && attachments[former] !== undefined) attachments[former] = await releasePorts(engine, former, attachments[former]);
  const made = await attachOne(engine, row, place, { netnsPath: engine.network.namespacePath(row.id), interfaceName: `eth${index}`, isGateway }).catch(async (error: unknown) => {
    if (former !== undefined) await moveGateway(engine, row, attachments);
    throw error;
  });
  if (isGateway) ports = portsJson(row, made.attachment.published);
  attachments[network.name] = made.attachment;
  const networks = { ...row.networks, [network.name]: made.settings };
  try {
    await rewriteNameFiles(engine, row, networks);
    changeRow(engine, row.id, () => ({ networks, attachments, ports }));
  } catch (error) {
    await detachOne(engine, row, made.attachment, network, false);
    throw error;
  }
  emitNetworkEvent(engine, "connect", network, row.id);
}

/** The ports go over to the new gateway: the old one publishes nothing any more. */
async function releasePorts(engine: ConnectParts, name: string, attachment: Attachment): Promise<Attachment> {
  const network = engine.store.view((tx) => tx.networks.by("name", name)[0]);
  if (network === undefined) return attachment;
  return { ...(await engine.network.makeGateway(attachment, networkSpec(network), [])), defaultRoute: false };
}

/** Networks a running container is attached to. */
export function placesOfRow(tx: Pick<Reader, "networks">, row: ContainerRow): Place[] {
  return Object.entries(row.networks).flatMap(([name, settings]) => {
    const network = tx.networks.by("name", name)[0];
    return network === undefined || row.attachments?.[name] === undefined ? [] : [{ network, settings }];
  });
}

/** After the gateway's network was left: the next one takes over its route and ports. */
export async function moveGateway(engine: Pick<Engine, "store" | "network">, row: ContainerRow, attachments: Record<string, Attachment>): Promise<ContainerRow["ports"]> {
  const next = engine.store.view((tx) => gatewayPlace(placesOfRow(tx, { ...row, attachments })));
  const attachment = next === undefined ? undefined : attachments[next.network.name];
  if (next === undefined || attachment === undefined) return {};
  const moved = await engine.network.makeGateway(attachment, networkSpec(next.network), portRequests(row));
  attachments[next.network.name] = moved;
  return portsJson(row, moved.published);
}
