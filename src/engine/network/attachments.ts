// A container's interfaces: made at start, taken down at exit. Used by the container verbs with the container's lock held.
import { randomBytes } from "node:crypto";
import { conflict, EngineError, kindOf, messageOf, notFound } from "../../base/errors.ts";
import { openScope, type Scope } from "../../base/scope.ts";
import type { Attachment } from "../../network/network.ts";
import type { ContainerRow, NetworkRow, Reader } from "../../store/store.ts";
import type { EndpointSettings } from "../../wire/docker.ts";
import { resolveContainer } from "../container/names.ts";
import type { Engine } from "../engine.ts";
import type { EventInput } from "../events.ts";
import { attachedSettings, checkEndpointSettings, detachedSettings, dnsNames, parseLinks } from "./endpoint.ts";
import { gatewayPlace, type Place } from "./gateway.ts";
import { portRequests, portsJson, type PortsJson } from "./ports.ts";
import { networkSpec } from "./spec.ts";

export type AttachParts = Pick<Engine, "store" | "network" | "events" | "clock" | "config" | "log">;

export interface ContainerNetworking {
  /** Path of the network namespace to run in; undefined: the host's. For `container:X` that container's. */
  netnsPath: string | undefined;
  /** For ContainerRow.networks. */
  networks: Record<string, EndpointSettings>;
  /** For ContainerRow.attachments. */
  attachments: Record<string, Attachment>;
  /** For ContainerRow.ports. */
  ports: PortsJson;
  /** In the order of their `connect` events. */
  joined: readonly NetworkRow[];
}

export interface AttachOptions {
  /** The namespace is there; interfaces follow. Not called for the host's or another container's. */
  onNamespace?: (netnsPath: string) => void;
  /** The caller adds the `connect` events of `joined` itself. */
  silent?: boolean;
}

/** Everything that `row.hostConfig.NetworkMode` and `row.networks` ask for; undone wholly if it throws. Emits `connect` events; the caller writes the row. */
export async function attachContainerNetworks(engine: AttachParts, row: ContainerRow, options: AttachOptions = {}): Promise<ContainerNetworking> {
  const mode = row.hostConfig.NetworkMode ?? "default";
  if (mode.startsWith("container:")) return joinContainer(engine, row, mode.slice("container:".length));
  try {
    await using scope = openScope(engine.log);
    const networking = await attachAll(engine, row, mode, scope, options);
    scope.keep();
    return networking;
  } catch (error) {
    throw new EngineError(kindOf(error), `failed to set up container networking: ${messageOf(error)}`, error instanceof EngineError ? { ...error.detail } : {}, error);
  }
}

/** Takes down what `row.attachments` holds, and the namespace; idempotent, also for a row whose start failed halfway. Emits `disconnect` events; returns what to write. */
export async function detachContainerNetworks(engine: AttachParts, row: ContainerRow): Promise<Pick<ContainerNetworking, "networks" | "attachments" | "ports">> {
  const attachments = (row.attachments ?? {}) as Record<string, Attachment>;
  const networks: Record<string, EndpointSettings> = {};
  // others in the same namespace keep it alive after this container: then its interfaces have to go one by one
  const isShared = engine.store.view((tx) => tx.containers.list().some((other) => other.state.Running && other.hostConfig.NetworkMode === `container:${row.id}`));
  for (const [name, settings] of Object.entries(row.networks)) {
    const attachment = attachments[name];
    networks[name] = detachedSettings(settings, attachment?.wantedMacAddress ?? (attachment === undefined && (settings.EndpointID ?? "") === "" ? settings.MacAddress : ""));
    const network = engine.store.view((tx) => networkOf(tx, name, settings));
    if (attachment !== undefined) await detachOne(engine, row, attachment, network, !isShared);
    if ((settings.EndpointID ?? "") !== "" && network !== undefined) emitNetworkEvent(engine, "disconnect", network, row.id);
  }
  const mode = row.hostConfig.NetworkMode ?? "default";
  if (mode !== "host" && !mode.startsWith("container:")) await engine.network.removeNamespace(row.id);
  return { networks, attachments: {}, ports: {} };
}

export function emitNetworkEvent(engine: Pick<Engine, "events">, action: "connect" | "disconnect", network: NetworkRow, containerId: string): void {
  engine.events.emit(networkEvent(action, network, containerId));
}

export function networkEvent(action: "connect" | "disconnect", network: NetworkRow, containerId: string): EventInput {
  return { type: "network", action, actorId: network.id, attributes: { container: containerId, name: network.name, type: network.driver } };
}

export function newEndpointId(): string {
  return randomBytes(32).toString("hex");
}

/** One more network for a container whose namespace exists. */
export async function attachOne(engine: AttachParts, row: ContainerRow, place: Place, options: { netnsPath: string; interfaceName: string; isGateway: boolean }): Promise<{ settings: EndpointSettings; attachment: Attachment }> {
  const { network, settings } = place;
  const endpointId = newEndpointId();
  const names = dnsNames(row, network, settings);
  const { IPv4Address = "", IPv6Address = "" } = settings.IPAMConfig ?? {};
  const mac = settings.MacAddress ?? "";
  const dns = row.hostConfig.Dns ?? [];
  const attachment = await engine.network.attach({
    network: networkSpec(network),
    containerId: row.id,
    endpointId,
    netnsPath: options.netnsPath,
    names: names ?? [row.name],
    interfaceName: options.interfaceName,
    defaultRoute: options.isGateway,
    publish: options.isGateway ? portRequests(row) : [],
    dns: dns.length > 0 ? dns : engine.config.dns,
    links: parseLinks(settings.Links),
    ...(IPv4Address === "" ? {} : { ipv4: IPv4Address }),
    ...(IPv6Address === "" ? {} : { ipv6: IPv6Address }),
    ...(mac === "" ? {} : { macAddress: mac.toLowerCase().replaceAll("-", ":") }),
  });
  return { settings: attachedSettings(settings, network.id, endpointId, names, attachment), attachment };
}

export async function detachOne(engine: Pick<Engine, "network" | "log">, row: ContainerRow, attachment: Attachment, network: NetworkRow | undefined, namespaceEnds: boolean): Promise<void> {
  try {
    const spec = network === undefined ? undefined : networkSpec(network);
    // of a network that is gone only its id still counts
    await engine.network.detach(attachment, spec ?? { ...GONE, id: attachment.networkId }, { namespaceEnds });
  } catch (error) {
    engine.log.warn("an attachment was not taken down wholly", { container: row.id, network: network?.name ?? attachment.networkId, error: messageOf(error) });
  }
}

const GONE = { name: "", bridge: "", subnets: [], internal: false, enableIPv6: false, mtu: 1500, icc: true, masquerade: false, hostBindingIp: "0.0.0.0", names: false };

async function attachAll(engine: AttachParts, row: ContainerRow, mode: string, scope: Scope, options: AttachOptions): Promise<ContainerNetworking> {
  const places = row.config.NetworkDisabled === true ? [] : engine.store.view((tx) => placesOf(tx, row, mode));
  for (const { network, settings } of places) {
    try {
      checkEndpointSettings(network, settings);
    } catch (error) {
      throw new EngineError(kindOf(error), `invalid config for network ${network.name}: ${messageOf(error)}`, {}, error);
    }
  }
  const networking: ContainerNetworking = { netnsPath: undefined, networks: { ...row.networks }, attachments: {}, ports: {}, joined: places.map(({ network }) => network) };
  if (mode !== "host") {
    networking.netnsPath = await engine.network.createNamespace(row.id);
    scope.defer("remove namespace", () => engine.network.removeNamespace(row.id));
    options.onNamespace?.(networking.netnsPath);
  }
  const gateway = gatewayPlace(places);
  for (const place of places) await attachPlace(engine, row, place, place === gateway, networking, scope);
  if (options.silent !== true) for (const network of networking.joined) emitNetworkEvent(engine, "connect", network, row.id);
  return networking;
}

async function attachPlace(engine: AttachParts, row: ContainerRow, place: Place, isGateway: boolean, networking: ContainerNetworking, scope: Scope): Promise<void> {
  const { network, settings } = place;
  if (network.driver !== "bridge" || networking.netnsPath === undefined) {
    networking.networks[network.name] = attachedSettings(settings, network.id, newEndpointId(), null);
    return;
  }
  const interfaceName = `eth${Object.keys(networking.attachments).length}`;
  const made = await attachOne(engine, row, place, { netnsPath: networking.netnsPath, interfaceName, isGateway });
  scope.defer(`detach from ${network.name}`, () => engine.network.detach(made.attachment, networkSpec(network), { namespaceEnds: true }));
  networking.networks[network.name] = made.settings;
  networking.attachments[network.name] = made.attachment;
  if (isGateway) networking.ports = portsJson(row, made.attachment.published);
}

/** The network of the mode first, then by name. */
function placesOf(tx: Pick<Reader, "networks">, row: ContainerRow, mode: string): Place[] {
  const first = mode === "default" ? "bridge" : mode;
  const names = Object.keys(row.networks).toSorted((a, b) => Number(b === first) - Number(a === first) || (a < b ? -1 : 1));
  return names.map((name) => {
    const settings = row.networks[name] ?? {};
    const network = networkOf(tx, name, settings);
    if (network === undefined) {
      const wanted = (settings.NetworkID ?? "") === "" ? name : settings.NetworkID;
      throw notFound(`network ${wanted} not found`, { network: wanted });
    }
    return { network, settings };
  });
}

/** By id, and by name if a network of that name was made anew. */
function networkOf(tx: Pick<Reader, "networks">, name: string, settings: EndpointSettings): NetworkRow | undefined {
  return tx.networks.find(settings.NetworkID ?? "") ?? tx.networks.by("name", name)[0];
}

function joinContainer(engine: Pick<Engine, "store">, row: ContainerRow, name: string): ContainerNetworking {
  const target = engine.store.view((tx) => {
    try {
      return resolveContainer(tx, name);
    } catch (error) {
      throw new EngineError(kindOf(error), `joining network namespace of container: ${messageOf(error)}`, {}, error);
    }
  });
  if (!target.state.Running) throw conflict(`cannot join network namespace of a non running container: container ${target.name} is ${target.state.Status}`);
  if (target.state.Restarting) throw conflict(`cannot join network namespace of container: Container ${target.id} is restarting, wait until the container is running`);
  return { netnsPath: `/proc/${target.state.Pid}/ns/net`, networks: { ...row.networks }, attachments: {}, ports: {}, joined: [] };
}
