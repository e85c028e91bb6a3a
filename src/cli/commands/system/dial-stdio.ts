// `system dial-stdio`: stdin and stdout joined to the daemon's socket, for ssh:// endpoints.
import { connect } from "node:net";
import { noArguments, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";

export const command: Command = {
  args: noArguments,
  async run(cli) {
    const { endpoint } = cli.client();
    if (endpoint.kind === "ssh") throw failure("dial-stdio does not go through ssh again");
    const socket = connect(endpoint.kind === "unix" ? { path: endpoint.path, allowHalfOpen: true } : { host: endpoint.host, port: endpoint.port, allowHalfOpen: true });
    process.stdin.pipe(socket);
    for await (const bytes of socket as AsyncIterable<Uint8Array>) cli.console.out(bytes);
  },
};
