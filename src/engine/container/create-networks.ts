// The networks of a new container: from its mode and the endpoints asked for.
import { EngineError, invalid, kindOf, messageOf } from "../../base/errors.ts";
import type { ContainerRow, Reader } from "../../store/store.ts";
import type { ContainerConfig, EndpointSettings, HostConfig } from "../../wire/docker.ts";
import { checkEndpointSettings, detachedSettings, dnsNames } from "../network/endpoint.ts";
import { findNetwork } from "../network/resolve.ts";

type Endpoints = Record<string, EndpointSettings | null>;

/** Moves the container-wide MAC address of older clients to the main network's endpoint; a warning if there was one. */
export function moveMacAddress(config: ContainerConfig, host: HostConfig, endpoints: Endpoints): { config: ContainerConfig; endpoints: Endpoints; warnings: string[] } {
  const { MacAddress: mac = "", ...rest } = config;
  if (mac === "") return { config: rest, endpoints, warnings: [] };
  const warnings = ["The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead."];
  const mode = host.NetworkMode ?? "";
  if (mode === "host" || mode === "none" || mode.startsWith("container:")) return { config: rest, endpoints, warnings };
  const main = mode === "" || mode === "default" ? "bridge" : mode;
  const key = Object.hasOwn(endpoints, main) ? main : Object.hasOwn(endpoints, "default") && main === "bridge" ? "default" : main;
  const has = endpoints[key]?.MacAddress ?? "";
  if (has !== "" && has !== mac) throw invalid("the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty");
  return { config: rest, endpoints: { ...endpoints, [key]: { ...endpoints[key], MacAddress: mac } }, warnings };
}

/** By network name; nothing for a container that uses another's namespace. */
export function networksOf(tx: Pick<Reader, "networks">, row: Pick<ContainerRow, "id" | "name" | "config">, host: HostConfig, endpoints: Endpoints): Record<string, EndpointSettings> {
  const mode = host.NetworkMode ?? "bridge";
  for (const [name, settings] of Object.entries(endpoints)) checkEndpoint(tx, name, settings);
  if (mode.startsWith("container:") || row.config.NetworkDisabled === true) return {};
  const networks: Record<string, EndpointSettings> = {};
  const wanted: Endpoints = Object.keys(endpoints).length > 0 ? endpoints : { [mode]: {} };
  for (const [given, settings] of Object.entries(wanted)) {
    const network = findNetwork(tx, given === "default" ? "bridge" : given);
    const name = network?.name ?? given;
    const shown = detachedSettings({ ...settings, NetworkID: "" }, settings?.MacAddress ?? "");
    networks[name] = network === undefined ? shown : { ...shown, DNSNames: dnsNames(row, network, shown) };
  }
  return networks;
}

function checkEndpoint(tx: Pick<Reader, "networks">, name: string, settings: EndpointSettings | null): void {
  try {
    if (settings === null) throw invalid("EndpointsConfig is nil");
    const network = findNetwork(tx, name === "default" ? "bridge" : name);
    // one that is not there yet may be made before the start
    if (network !== undefined) checkEndpointSettings(network, settings);
    else if ((settings.MacAddress ?? "") !== "" && !/^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$/.test(settings.MacAddress ?? "")) throw invalid(`invalid MAC address ${settings.MacAddress}`);
  } catch (error) {
    throw new EngineError(kindOf(error), `invalid config for network ${name === "default" ? "bridge" : name}: ${messageOf(error)}`, {}, error);
  }
}
