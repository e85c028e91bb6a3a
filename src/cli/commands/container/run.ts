// `container run`.
import { atLeast, type Command, type Invocation } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { exitCodeOf, failure, isDaemonError, textOf } from "../../failure.ts";
import type { FlagValues } from "../../flags.ts";
import { attachedStreams } from "../../run/create-request.ts";
import { CREATE_VALIDATORS, RUN_FLAGS } from "../../run/flags.ts";
import { attachAndStart } from "./attach-start.ts";
import { createContainer, requestOf } from "./create-container.ts";
import { segment } from "../../short-id.ts";

export const command: Command = {
  args: atLeast(1),
  interspersed: false,
  completes: "images",
  flags: RUN_FLAGS,
  validators: CREATE_VALIDATORS,
  async run(cli, invocation) {
    const { flags } = invocation;
    checkFlags(cli, flags);
    try {
      return flags.bool("detach") ? await runDetached(cli, invocation) : await runAttached(cli, invocation);
    } catch (error) {
      throw runFailure(cli, error);
    }
  },
};

function checkFlags(cli: Cli, flags: FlagValues): void {
  const streams = attachedStreams(flags);
  if (flags.bool("detach")) {
    if (flags.list("attach").length > 0) throw failure("conflicting options: cannot specify both --attach and --detach");
    return;
  }
  if (streams.input && flags.bool("tty") && !cli.console.isTerminal("in")) throw failure("the input device is not a TTY");
}

async function runDetached(cli: Cli, { args, flags }: Invocation): Promise<number> {
  const id = await createContainer(cli, flags, args, requestOf(cli, flags, args));
  cli.console.out(`${id}\n`); // whether or not it starts
  await cli.client().json("POST", `/containers/${segment(id)}/start`);
  return 0;
}

async function runAttached(cli: Cli, { args, flags }: Invocation): Promise<number> {
  const id = await createContainer(cli, flags, args, requestOf(cli, flags, args));
  const streams = attachedStreams(flags);
  return attachAndStart(cli, { id, tty: flags.bool("tty"), ...streams, detachKeys: flags.text("detach-keys"), proxySignals: flags.bool("sig-proxy"), autoRemove: flags.bool("rm") });
}

/** 127 for a command that is not there, 126 for one that cannot run, 125 for all else. */
function runFailure(cli: Cli, error: unknown): Error {
  const text = textOf(error);
  if (text === "") return failure("", exitCodeOf(error));
  const shown = `${cli.program}: ${text}\n\nRun '${cli.program} run --help' for more information`;
  return failure(shown, isDaemonError(error) ? startFailureCode(text) : 125);
}

export function startFailureCode(text: string): number {
  if (/executable file not found|no such file or directory|system cannot find the file specified/.test(text)) return 127;
  return /permission denied|is a directory/.test(text) ? 126 : 125;
}
