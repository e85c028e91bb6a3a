// `container exec`.
import { atLeast, type Command } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { failure, textOf } from "../../failure.ts";
import type { FlagValues } from "../../flags.ts";
import { checkEnv, readEnv } from "../../run/key-values.ts";
import { readText } from "../../run/read-text.ts";
import { segment } from "../../short-id.ts";
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from "../../stream/detach-keys.ts";
import { runSession } from "../../stream/session.ts";
import { keepSize } from "./attach-start.ts";

export const command: Command = {
  args: atLeast(2),
  interspersed: false,
  completes: "running",
  validators: {
    env: (value) => {
      try {
        checkEnv(value);
        return undefined;
      } catch (error) {
        return textOf(error);
      }
    },
  },
  flags: `
-d, --detach  Detached mode: run command in the background
--detach-keys string  Override the key sequence for detaching a container
-e, --env list  Set environment variables
--env-file list  Read in a file of environment variables
-i, --interactive  Keep STDIN open even if not attached
--privileged  Give extended privileges to the command
-t, --tty  Allocate a pseudo-TTY
-u, --user string  Username or UID (format: "<name|uid>[:<group|gid>]")
-w, --workdir string  Working directory inside the container
`,
  async run(cli, { args, flags }) {
    const [name = "", ...words] = args;
    const detach = flags.bool("detach");
    const tty = flags.bool("tty");
    const input = flags.bool("interactive");
    const client = cli.client();
    // asked for first: an exec in a container that is not there should say so before anything is made
    await client.json("GET", `/containers/${segment(name)}/json`);
    if (!detach && tty && input && !cli.console.isTerminal("in")) throw failure("the input device is not a TTY");
    const body = execBody(cli, flags, words);
    const { Id } = await client.json<{ Id: string }>("POST", `/containers/${segment(name)}/exec`, { body });
    if (!Id) throw failure("exec ID empty");
    if (detach) {
      await client.json("POST", `/exec/${Id}/start`, { body: { Detach: true, Tty: tty, ...consoleSize(cli, tty) } });
      return 0;
    }
    return runExec(cli, Id, { tty, input, detachKeys: flags.text("detach-keys") });
  },
};

function execBody(cli: Cli, flags: FlagValues, words: readonly string[]) {
  const tty = flags.bool("tty");
  const attached = !flags.bool("detach");
  return {
    User: flags.text("user"),
    Privileged: flags.bool("privileged"),
    Tty: tty,
    ...consoleSize(cli, tty),
    AttachStdin: attached && flags.bool("interactive"),
    AttachStderr: attached,
    AttachStdout: attached,
    DetachKeys: flags.text("detach-keys") || cli.config().text("detachKeys") || "",
    Env: readEnv(flags.list("env-file"), flags.list("env"), cli.env, readText),
    WorkingDir: flags.text("workdir"),
    Cmd: words,
    Detach: flags.bool("detach"),
  };
}

function consoleSize(cli: Cli, tty: boolean): { ConsoleSize?: [number, number] } {
  const size = tty ? cli.console.size("out") : undefined;
  return size ? { ConsoleSize: [size.rows, size.columns] } : {};
}

async function runExec(cli: Cli, id: string, { tty, input, detachKeys }: { tty: boolean; input: boolean; detachKeys: string }): Promise<number> {
  const keys = parseDetachKeys(detachKeys || cli.config().text("detachKeys") || DEFAULT_DETACH_KEYS);
  const connection = await cli.client().hijack(`/exec/${id}/start`, { body: { Detach: false, Tty: tty, ...consoleSize(cli, tty) } });
  const stopSize = tty && cli.console.isTerminal("out") ? keepSize(cli, `/exec/${id}`) : () => undefined;
  const end = await runSession(cli, connection, { tty, input, output: true, errors: true, detachKeys: keys });
  stopSize();
  if (end === "detached") throw failure("read escape sequence");
  const { ExitCode } = await cli.client().json<{ ExitCode: number | null }>("GET", `/exec/${id}/json`);
  return ExitCode ?? 0;
}
