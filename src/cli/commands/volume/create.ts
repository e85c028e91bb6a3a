// `volume create`.
import { atMost, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";
import { checkLabel, pairs } from "../../run/key-values.ts";

export const command: Command = {
  args: atMost(1),
  flags: `
-d, --driver string  Specify volume driver name (default "local")
--label list  Set metadata for a volume
~--name string  Specify volume name
-o, --opt map  Set driver specific options (default map[])
`,
  async run(cli, { args, flags }) {
    if (args.length === 1 && flags.has("name")) throw failure("conflicting options: cannot specify a volume-name through both --name and as a positional arg");
    flags.list("label").forEach(checkLabel);
    const body = { Driver: flags.text("driver"), DriverOpts: pairs(flags.list("opt")), Labels: pairs(flags.list("label")), Name: args[0] ?? flags.text("name") };
    const { Name } = await cli.client().json<{ Name: string }>("POST", "/volumes/create", { body });
    cli.console.out(`${Name}\n`);
  },
};
