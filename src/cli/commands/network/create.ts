// `network create`.
import { exactly, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";
import type { FlagValues } from "../../flags.ts";
import { checkLabel, pairs } from "../../run/key-values.ts";
import { consolidateIpam } from "./ipam-option.ts";

export const command: Command = {
  args: exactly(1),
  flags: `
--attachable  Enable manual container attachment
--aux-address map  Auxiliary IPv4 or IPv6 addresses used by Network driver (default map[])
--config-from string  The network from which to copy the configuration
--config-only  Create a configuration only network
-d, --driver string  Driver to manage the Network (default "bridge")
--gateway strings  IPv4 or IPv6 Gateway for the master subnet
--ingress  Create swarm routing-mesh network
--internal  Restrict external access to the network
--ip-range strings  Allocate container ip from a sub-range
--ipam-driver string  IP Address Management Driver (default "default")
--ipam-opt map  Set IPAM driver specific options (default map[])
--ipv4  Enable or disable IPv4 address assignment (default true)
--ipv6  Enable or disable IPv6 address assignment
--label list  Set metadata on a network
-o, --opt map  Set driver specific options (default map[])
--scope string  Control the network's scope
--subnet strings  Subnet in CIDR format that represents a network segment
`,
  async run(cli, { args, flags }) {
    const answer = await cli.client().json<{ Id: string; Warning?: string }>("POST", "/networks/create", { body: networkBody(args[0]!, flags) });
    if (answer.Warning) cli.console.err(`WARNING: ${answer.Warning}\n`);
    cli.console.out(`${answer.Id}\n`);
  },
};

export function networkBody(name: string, flags: FlagValues): object {
  flags.list("label").forEach(checkLabel);
  const list = (flag: string) => flags.list(flag).flatMap((value) => value.split(","));
  const configOnly = flags.bool("config-only");
  const source = flags.text("config-from");
  if (configOnly && source !== "") throw failure("--config-only and --config-from are mutually exclusive");
  const ipam = consolidateIpam({ subnets: list("subnet"), ranges: list("ip-range"), gateways: list("gateway"), auxiliary: pairs(flags.list("aux-address")) });
  return {
    Name: name,
    Driver: flags.text("driver"),
    Options: pairs(flags.list("opt")),
    IPAM: { Driver: flags.text("ipam-driver"), Options: pairs(flags.list("ipam-opt")), Config: ipam },
    Internal: flags.bool("internal"),
    ...(flags.has("ipv4") ? { EnableIPv4: flags.bool("ipv4") } : {}),
    ...(flags.has("ipv6") ? { EnableIPv6: flags.bool("ipv6") } : {}),
    Attachable: flags.bool("attachable"),
    Ingress: flags.bool("ingress"),
    Scope: flags.text("scope"),
    ConfigOnly: configOnly,
    ConfigFrom: source === "" ? null : { Network: source },
    Labels: pairs(flags.list("label")),
  };
}
