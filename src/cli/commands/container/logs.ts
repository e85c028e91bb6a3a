// `container logs`.
import { exactly, type Command } from "../../command.ts";
import { failure, textOf } from "../../failure.ts";
import type { FlagValues } from "../../flags.ts";
import { segment } from "../../short-id.ts";
import { demultiplex } from "../../stream/demux.ts";
import { timeQuery } from "../../time-query.ts";

export const command: Command = {
  args: exactly(1),
  completes: "containers",
  flags: `
--details  Show extra details provided to logs
-f, --follow  Follow log output
--since string  Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)
-n, --tail string  Number of lines to show from the end of the logs (default "all")
-t, --timestamps  Show timestamps
--until string  Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)
`,
  async run(cli, { args, flags }) {
    const client = cli.client();
    const path = `/containers/${segment(args[0]!)}`;
    const { Config, Id } = await client.json<{ Id: string; Config: { Tty: boolean } }>("GET", `${path}/json`);
    const response = await client.open("GET", `/containers/${Id}/logs`, {
      query: {
        details: flags.bool("details") || undefined,
        follow: flags.bool("follow") || undefined,
        since: timeOf(flags, "since"),
        until: timeOf(flags, "until"),
        stdout: true,
        stderr: true,
        tail: flags.text("tail"),
        timestamps: flags.bool("timestamps") || undefined,
      },
    });
    if (!response.body) return;
    const body = response.body as unknown as AsyncIterable<Uint8Array>;
    if (Config.Tty) for await (const bytes of body) cli.console.out(bytes);
    else for await (const { stream, bytes } of demultiplex(body)) cli.console[stream](bytes);
  },
};

function timeOf(flags: FlagValues, name: "since" | "until"): string | undefined {
  try {
    return timeQuery(flags.text(name));
  } catch (error) {
    throw failure(`invalid value for "${name}": ${textOf(error)}`);
  }
}
