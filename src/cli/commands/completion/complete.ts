// `__complete -- WORD…`: what the last word may become, one candidate a line with its meaning after a tab.
// A line `:files` asks the shell to offer files. Failures are silent: a shell prompt is no place for them.
import { anyArguments, type Command } from "../../command.ts";
import { candidatesOf } from "../../completion/candidates.ts";

export const command: Command = {
  args: anyArguments,
  interspersed: false,
  async run(cli, { args }) {
    const current = args.at(-1) ?? "";
    try {
      const found = await candidatesOf(cli, args.slice(0, -1), current);
      const fitting = found.filter(({ word }) => word.startsWith(current) || word === ":files");
      cli.console.out(fitting.map(({ word, text }) => `${word}${text ? `\t${text}` : ""}\n`).join(""));
    } catch {
      return 1;
    }
    return 0;
  },
};
