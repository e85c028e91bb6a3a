// `container attach`.
import { exactly, type Command } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { failure } from "../../failure.ts";
import { segment } from "../../short-id.ts";
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from "../../stream/detach-keys.ts";
import { proxySignals } from "../../stream/signal-proxy.ts";
import { runSession } from "../../stream/session.ts";
import { keepSize } from "./attach-start.ts";
import { exitStatus, watchExit } from "./exit-status.ts";

interface Inspected {
  State: { Running: boolean; Paused: boolean; Restarting: boolean };
  Config: { Tty: boolean; OpenStdin: boolean };
}

export const command: Command = {
  args: exactly(1),
  completes: "running",
  flags: `
--detach-keys string  Override the key sequence for detaching a container
--no-stdin  Do not attach STDIN
--sig-proxy  Proxy all received signals to the process (default true)
`,
  async run(cli, { args, flags }) {
    const client = cli.client();
    const path = `/containers/${segment(args[0]!)}`;
    const inspected = await client.json<Inspected>("GET", `${path}/json`);
    checkAttachable(inspected);
    const { Tty: tty, OpenStdin: open } = inspected.Config;
    const input = open && !flags.bool("no-stdin");
    if (tty && input && !cli.console.isTerminal("in")) throw failure("the input device is not a TTY");
    const detachKeys = flags.text("detach-keys") || cli.config().text("detachKeys") || "";
    const keys = parseDetachKeys(detachKeys || DEFAULT_DETACH_KEYS);
    const stopProxy = flags.bool("sig-proxy") && !tty ? proxySignals(client, args[0]!) : () => undefined;
    const waiting = await watchExit(client, args[0]!, "not-running");
    const connection = await client.hijack(`${path}/attach`, { query: { detachKeys: detachKeys || undefined, stream: true, stdin: input || undefined, stdout: true, stderr: true } });
    if (tty) await provokeRedraw(cli, path);
    const stopSize = tty && cli.console.isTerminal("out") ? keepSize(cli, path) : () => undefined;
    const end = await runSession(cli, connection, { tty, input, output: true, errors: true, detachKeys: keys });
    stopSize();
    stopProxy();
    if (end === "detached") throw failure("read escape sequence");
    return exitStatus(waiting);
  },
};

/** What runs there draws its screen again when the size changes: so it changes, and then to what it is. */
async function provokeRedraw(cli: Cli, path: string): Promise<void> {
  const size = cli.console.size("out");
  if (size) await cli.client().json("POST", `${path}/resize`, { query: { h: size.rows + 1, w: size.columns + 1 } }).catch(() => undefined);
}

function checkAttachable({ State }: Inspected): void {
  if (!State.Running) throw failure("You cannot attach to a stopped container, start it first");
  if (State.Paused) throw failure("You cannot attach to a paused container, unpause it first");
  if (State.Restarting) throw failure("You cannot attach to a restarting container, wait until it is running");
}
