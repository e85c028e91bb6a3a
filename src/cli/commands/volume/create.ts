// `volume create`.
import { atMost, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";
import { checkLabel, pairs } from "../../run/key-values.ts";

/** Each of these asks for a volume of a swarm. */
const CLUSTER_FLAGS: readonly string[] = ["availability", "group", "limit-bytes", "required-bytes", "scope", "sharing", "type"];

export const command: Command = {
  args: atMost(1),
  flags: `
-d, --driver string  Specify volume driver name (default "local")
--label list  Set metadata for a volume
~--name string  Specify volume name
~--availability string  Cluster volume availability
~--group string  Cluster volume group
~--limit-bytes bytes  Maximum size of the cluster volume
~--required-bytes bytes  Minimum size of the cluster volume
~--scope string  Cluster volume access scope
~--secret map  Cluster volume secrets
~--sharing string  Cluster volume access sharing
~--topology-preferred list  A topology the cluster volume would prefer
~--topology-required list  A topology the cluster volume must be accessible from
~--type string  Cluster volume access type
-o, --opt map  Set driver specific options (default map[])
`,
  async run(cli, { args, flags }) {
    if (args.length === 1 && flags.has("name")) throw failure("conflicting options: cannot specify a volume-name through both --name and as a positional arg");
    flags.list("label").forEach(checkLabel);
    if (CLUSTER_FLAGS.some((flag) => flags.has(flag))) throw failure("This node is not a swarm manager: cluster volumes need one");
    const body = { Driver: flags.text("driver"), DriverOpts: pairs(flags.list("opt")), Labels: pairs(flags.list("label")), Name: args[0] ?? flags.text("name") };
    const { Name } = await cli.client().json<{ Name: string }>("POST", "/volumes/create", { body });
    cli.console.out(`${Name}\n`);
  },
};
