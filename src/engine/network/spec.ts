// A network's row → what the network workshop needs to know; and the options that a bridge understands.
import { internal, invalid } from "../../base/errors.ts";
import type { NetworkSpec } from "../../network/network.ts";
import type { NetworkRow } from "../../store/store.ts";

const BRIDGE = "com.docker.network.bridge";

export const OPTION = {
  name: `${BRIDGE}.name`,
  icc: `${BRIDGE}.enable_icc`,
  masquerade: `${BRIDGE}.enable_ip_masquerade`,
  hostBinding: `${BRIDGE}.host_binding_ipv4`,
  isDefault: `${BRIDGE}.default_bridge`,
  gatewayMode4: `${BRIDGE}.gateway_mode_ipv4`,
  gatewayMode6: `${BRIDGE}.gateway_mode_ipv6`,
  mtu: "com.docker.network.driver.mtu",
} as const;

const BOOLEAN_OPTIONS = [OPTION.icc, OPTION.masquerade, OPTION.isDefault, `${BRIDGE}.inhibit_ipv4`, `${BRIDGE}.trusted_host_interfaces`].slice(0, 4);
const GATEWAY_MODES = ["", "nat", "nat-unprotected", "routed", "isolated"];
const TRUE = ["1", "t", "T", "TRUE", "true", "True"];
const FALSE = ["0", "f", "F", "FALSE", "false", "False"];
const DEFAULT_MTU = 1500;
/** Bytes of an interface's name. */
const NAME_BYTES = 15;

/** Throws `invalid` in Docker's words for a value that cannot be read. */
export function checkBridgeOptions(options: Readonly<Record<string, string>>): void {
  for (const key of BOOLEAN_OPTIONS) {
    const value = options[key];
    if (value !== undefined && parseBool(value) === undefined) throw invalid(`failed to parse ${key} value: ${value} (strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax)`);
  }
  const mtu = options[OPTION.mtu];
  if (mtu !== undefined && !/^[+-]?\d+$/.test(mtu)) throw invalid(`failed to parse ${OPTION.mtu} value: ${mtu} (strconv.Atoi: parsing ${JSON.stringify(mtu)}: invalid syntax)`);
  for (const key of [OPTION.gatewayMode4, OPTION.gatewayMode6]) {
    const mode = options[key] ?? "";
    if (!GATEWAY_MODES.includes(mode)) throw invalid(`failed to parse ${key} value: ${mode} (unknown gateway mode ${mode})`);
  }
  if (Buffer.byteLength(options[OPTION.name] ?? "") > NAME_BYTES) throw internal("numerical result out of range");
}

export function networkSpec(row: NetworkRow): NetworkSpec {
  const option = (key: string, otherwise: boolean): boolean => parseBool(row.options[key] ?? "") ?? otherwise;
  return {
    id: row.id,
    name: row.name,
    bridge: row.bridge ?? `br-${row.id.slice(0, 12)}`,
    subnets: row.ipam.config.flatMap((config) =>
      config.Subnet === undefined ? [] : [{ subnet: config.Subnet, gateway: config.Gateway ?? "", ipRange: config.IPRange ?? "", auxiliary: Object.values(config.AuxiliaryAddresses ?? {}) }],
    ),
    internal: row.internal,
    enableIPv6: row.enableIPv6,
    mtu: Number(row.options[OPTION.mtu] ?? DEFAULT_MTU) || DEFAULT_MTU,
    icc: option(OPTION.icc, true),
    masquerade: option(OPTION.masquerade, true),
    hostBindingIp: row.options[OPTION.hostBinding] ?? "0.0.0.0",
    names: !row.predefined,
  };
}

function parseBool(text: string): boolean | undefined {
  if (TRUE.includes(text)) return true;
  return FALSE.includes(text) ? false : undefined;
}
