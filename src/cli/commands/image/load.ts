// `image load`.
import { noArguments, type Command } from "../../command.ts";
import { jsonLines } from "../../client.ts";
import { failure } from "../../failure.ts";
import { showProgress, type ProgressMessage } from "../../progress.ts";
import { readSource } from "../../read-source.ts";
import { platformQuery } from "../../platform.ts";

export const command: Command = {
  args: noArguments,
  completes: "files",
  flags: `
-i, --input string  Read from tar archive file, instead of STDIN
--platform string  Load only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")
-q, --quiet  Suppress the load output
`,
  async run(cli, { flags }) {
    const input = flags.text("input");
    if (input === "" && cli.console.isTerminal("in")) throw failure("requested load from stdin, but stdin is empty");
    const quiet = flags.bool("quiet") || !cli.console.isTerminal("out");
    const platforms = flags.list("platform").flatMap((list) => list.split(",")).map((platform) => platformQuery(platform, "invalid platform: ")).filter((platform) => platform !== undefined);
    const answer = await cli.client().upload("POST", "/images/load", input === "" ? cli.console.input() : readSource(input), {
      query: { quiet: quiet ? "1" : "0", platform: platforms },
      headers: { "Content-Type": "application/x-tar" },
    });
    await showProgress(cli, jsonLines<ProgressMessage>(answer), { stream: "out" });
  },
};
