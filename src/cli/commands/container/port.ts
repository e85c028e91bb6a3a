// `container port`.
import { between, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";
import { compareNatural } from "../../natural-order.ts";
import { segment } from "../../short-id.ts";
import { hostPort } from "./port-text.ts";

type PortMap = Record<string, { HostIp: string; HostPort: string }[] | null>;

export const command: Command = {
  args: between(1, 2),
  completes: "running",
  async run(cli, { args }) {
    const [name = "", wanted] = args;
    const answer = await cli.client().json<{ NetworkSettings?: { Ports?: PortMap | null } }>("GET", `/containers/${segment(name)}/json`);
    const ports = answer.NetworkSettings?.Ports ?? {};
    const lines = wanted === undefined ? allLines(ports) : linesOf(ports, name, wanted);
    lines.sort(compareNatural);
    cli.console.out(lines.map((line) => `${line}\n`).join(""));
  },
};

function allLines(ports: PortMap): string[] {
  return Object.entries(ports).flatMap(([port, bindings]) => (bindings ?? []).map(({ HostIp, HostPort }) => `${port} -> ${hostPort(HostIp, HostPort)}`));
}

function linesOf(ports: PortMap, container: string, wanted: string): string[] {
  const [port = "", protocol = "tcp"] = wanted.split("/");
  if (!/^\d+$/.test(port)) throw failure(`Error: invalid port (${port}): strconv.ParseUint: parsing ${JSON.stringify(port)}: invalid syntax`);
  if (Number(port) > 65_535) throw failure(`Error: invalid port (${port}): strconv.ParseUint: parsing ${JSON.stringify(port)}: value out of range`);
  const bindings = ports[`${port}/${protocol}`];
  if (!bindings || bindings.length === 0) throw failure(`Error: No public port '${wanted}' published for ${container}`);
  return bindings.map(({ HostIp, HostPort }) => hostPort(HostIp, HostPort));
}
