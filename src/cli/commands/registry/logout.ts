// `logout`.
import { atMost, type Command } from "../../command.ts";
import { eraseCredentials, serverOf } from "../../registry-auth.ts";

export const command: Command = {
  long: "Log out from a registry.\nIf no server is specified, the default is defined by the daemon.",
  args: atMost(1),
  run(cli, { args }) {
    const server = serverOf((args[0] ?? "").replace(/^https?:\/\//, "").replace(/\/$/, ""));
    cli.console.out(`Removing login credentials for ${server}\n`);
    eraseCredentials(cli.config(), server);
    return Promise.resolve();
  },
};
