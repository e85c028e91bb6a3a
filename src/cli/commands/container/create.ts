// `container create`.
import { atLeast, type Command } from "../../command.ts";
import type { Cli } from "../../context.ts";
import type { FlagValues } from "../../flags.ts";
import type { CreateContainerRequest } from "../../../wire/docker.ts";
import { failure, textOf } from "../../failure.ts";
import { CREATE_FLAGS, CREATE_VALIDATORS } from "../../run/flags.ts";
import { createContainer, requestOf } from "./create-container.ts";

export const command: Command = {
  args: atLeast(1),
  interspersed: false,
  completes: "images",
  flags: CREATE_FLAGS,
  validators: CREATE_VALIDATORS,
  async run(cli, { args, flags, path }) {
    const id = await createContainer(cli, flags, args, flagRequest(cli, flags, args, path));
    cli.console.out(`${id}
`);
  },
};

function flagRequest(cli: Cli, flags: FlagValues, args: readonly string[], path: string): CreateContainerRequest {
  try {
    return requestOf(cli, flags, args);
  } catch (error) {
    throw failure(`${cli.program}: ${textOf(error)}\n\nRun '${cli.program} ${path.replace(/^container /, "")} --help' for more information`, 125);
  }
}
