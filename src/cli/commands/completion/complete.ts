// `__complete -- WORD…`: what the last word may become, one candidate a line with its meaning after a tab.
// A line `:files` asks the shell to offer files. Failures are silent: a shell prompt is no place for them.
import { anyArguments, type Command } from "../../command.ts";
import { globalOptions, openCli } from "../../cli.ts";
import type { Cli } from "../../context.ts";
import { configDirectory } from "../../endpoint.ts";
import { parseFlags, parseFlagTable } from "../../flags.ts";
import { globalFlags } from "../../global-flags.ts";
import { candidatesOf } from "../../completion/candidates.ts";

/** Names come from the daemon that the line itself names. */
async function asTyped(cli: Cli, args: readonly string[]): Promise<Cli> {
  if (!args[0]?.startsWith("-")) return cli;
  const { values } = parseFlags(parseFlagTable(globalFlags(configDirectory(cli.env))), args.slice(0, -1), { interspersed: false, warn: () => undefined });
  return openCli(cli.console, cli.env, globalOptions(values, cli.env));
}

export const command: Command = {
  args: anyArguments,
  interspersed: false,
  async run(cli, { args }) {
    const current = args.at(-1) ?? "";
    try {
      const found = await candidatesOf(await asTyped(cli, args), args.slice(0, -1), current);
      const fitting = found.filter(({ word }) => word.startsWith(current) || word === ":files");
      cli.console.out(fitting.map(({ word, text }) => `${word}${text ? `\t${text}` : ""}\n`).join(""));
    } catch {
      return 1;
    }
    return 0;
  },
};
