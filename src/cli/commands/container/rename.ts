// `container rename`.
import { exactly, type Command } from "../../command.ts";
import { failure, textOf } from "../../failure.ts";
import { segment } from "../../short-id.ts";

export const command: Command = {
  args: exactly(2),
  completes: "containers",
  async run(cli, { args }) {
    const [from = "", to = ""] = args.map((name) => name.trim());
    if (from === "" || to === "") throw failure("Error: Neither old nor new names may be empty");
    try {
      await cli.client().json("POST", `/containers/${segment(from)}/rename`, { query: { name: to } });
    } catch (error) {
      cli.console.err(`${textOf(error)}\n`);
      throw failure(`Error: failed to rename container named ${from}`);
    }
  },
};
