// `completion bash|zsh|fish`: the script that asks `__complete`.
import { exactly, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";
import { SCRIPTS } from "../../completion/scripts.ts";

export const command: Command = {
  args: exactly(1),
  long: [
    "Generate the completion script for a shell",
    "",
    "bash:  berth completion bash > /etc/bash_completion.d/berth",
    "zsh:   berth completion zsh > \"${fpath[1]}/_berth\"",
    "fish:  berth completion fish > ~/.config/fish/completions/berth.fish",
  ].join("\n"),
  async run(cli, { args }) {
    const script = Object.hasOwn(SCRIPTS, args[0]!) ? SCRIPTS[args[0]!] : undefined;
    if (script === undefined) throw failure(`unknown shell ${JSON.stringify(args[0])}: choose from ${Object.keys(SCRIPTS).join(", ")}`);
    cli.console.out(script);
  },
};
