// `network connect`.
import { exactly, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";
import { segment } from "../../short-id.ts";

export const command: Command = {
  args: exactly(2),
  completes: "networks",
  flags: `
--alias strings  Add network-scoped alias for the container
--driver-opt strings  driver options for the network
--gw-priority int  Highest gw-priority provides the default gateway. Accepts positive and negative values.
--ip string  IPv4 address (e.g., "172.30.100.104")
--ip6 string  IPv6 address (e.g., "2001:db8::33")
--link list  Add link to another container
--link-local-ip strings  Add a link-local address for the container
`,
  async run(cli, { args, flags }) {
    const [network = "", container = ""] = args;
    const linkLocal = flags.list("link-local-ip");
    const options = driverOptions(flags.list("driver-opt"));
    const hasIpam = flags.text("ip") !== "" || flags.text("ip6") !== "" || linkLocal.length > 0;
    const endpoint = {
      ...(hasIpam ? { IPAMConfig: { IPv4Address: flags.text("ip"), IPv6Address: flags.text("ip6"), LinkLocalIPs: [...linkLocal] } } : {}),
      Links: orNull(flags.list("link")),
      Aliases: orNull(flags.list("alias")),
      DriverOpts: options,
      GwPriority: flags.number("gw-priority"),
    };
    await cli.client().json("POST", `/networks/${segment(network)}/connect`, { body: { Container: container, EndpointConfig: endpoint } });
  },
};

function orNull(list: readonly string[]): string[] | null {
  return list.length > 0 ? [...list] : null;
}

function driverOptions(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf("=");
      if (equals < 1) throw failure("invalid key/value pair format in driver options");
      return [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
    }),
  );
}
