// `container start`.
import { atLeast, type Command, type Invocation } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { failure, textOf } from "../../failure.ts";
import { segment } from "../../short-id.ts";
import { attachAndStart } from "./attach-start.ts";

export const command: Command = {
  args: atLeast(1),
  completes: "stopped",
  flags: `
-a, --attach  Attach STDOUT/STDERR and forward signals
--detach-keys string  Override the key sequence for detaching a container
-i, --interactive  Attach container's STDIN
~--checkpoint string  Restore from this checkpoint
~--checkpoint-dir string  Use a custom checkpoint storage directory
`,
  async run(cli, invocation) {
    const { flags, args } = invocation;
    for (const flag of ["checkpoint", "checkpoint-dir"]) if (flags.has(flag)) throw failure(`"--${flag}" is only supported on a Docker daemon with experimental features enabled`);
    if (!flags.bool("attach") && !flags.bool("interactive")) return startAll(cli, invocation);
    if (args.length > 1) throw failure("you cannot start and attach multiple containers at once");
    return startAttached(cli, invocation);
  },
};

async function startAll(cli: Cli, { args }: Invocation): Promise<void> {
  const failed: string[] = [];
  for (const name of args) {
    try {
      await cli.client().json("POST", `/containers/${segment(name)}/start`);
      cli.console.out(`${name}\n`);
    } catch (error) {
      cli.console.err(`${textOf(error)}\n`);
      failed.push(name);
    }
  }
  if (failed.length > 0) throw failure(`Error: failed to start containers: ${failed.join(", ")}`);
}

async function startAttached(cli: Cli, { args, flags }: Invocation): Promise<number> {
  const client = cli.client();
  const inspected = await client.json<{ Id: string; Config: { Tty: boolean; OpenStdin: boolean }; HostConfig: { AutoRemove: boolean } }>("GET", `/containers/${segment(args[0]!)}/json`);
  return attachAndStart(cli, {
    id: inspected.Id,
    tty: inspected.Config.Tty,
    input: flags.bool("interactive") && inspected.Config.OpenStdin,
    output: true,
    errors: true,
    detachKeys: flags.text("detach-keys"),
    proxySignals: !inspected.Config.Tty,
    autoRemove: inspected.HostConfig.AutoRemove,
  });
}
