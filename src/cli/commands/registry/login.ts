// `login`.
import { atMost, type Command, type Invocation } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { failure, textOf } from "../../failure.ts";
import { credentialsFor, HUB, serverOf, storeCredentials, type Credentials } from "../../registry-auth.ts";
import { askSecret } from "../../secret-prompt.ts";

export const command: Command = {
  long: "Authenticate to a registry.\nDefaults to Docker Hub if no server is specified.",
  args: atMost(1),
  flags: `
-p, --password string  Password or Personal Access Token (PAT)
--password-stdin  Take the Password or Personal Access Token (PAT) from stdin
-u, --username string  Username
`,
  async run(cli, { args, flags, path }) {
    const server = serverOf((args[0] ?? "").replace(/^https?:\/\//, "").replace(/\/$/, ""));
    const fromStdin = flags.bool("password-stdin");
    if (flags.has("username") && flags.text("username") === "" && !fromStdin) throw failure("username is empty");
    if (flags.has("password")) {
      if (fromStdin) throw failure("conflicting options: cannot specify both --password and --password-stdin");
      cli.console.err("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n");
    }
    if (fromStdin && flags.text("username") === "") throw failure("the --password-stdin option requires --username to be set");
    const password = fromStdin ? await readAll(cli) : flags.text("password");
    const given = { username: flags.text("username"), password };
    if (given.username === "" && given.password === "" && (await loginWithStored(cli, server))) return;
    await loginWith(cli, server, { args, flags, path }, given);
  },
};

async function readAll(cli: Cli): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of cli.console.input()) pieces.push(piece);
  return Buffer.concat(pieces).toString().replace(/\r?\n$/, "").replace(/\r$/, "");
}

async function loginWithStored(cli: Cli, server: string): Promise<boolean> {
  const stored = credentialsFor(cli, server);
  if (!stored || (!stored.identitytoken && !stored.password)) return false;
  cli.console.err(`Authenticating with existing credentials...${stored.username ? ` [Username: ${stored.username}]` : ""}\n\n Info -> To login with a different account, run '${cli.program} logout' followed by '${cli.program} login'\n\n\n`);
  try {
    await authenticate(cli, server, stored);
    return true;
  } catch (error) {
    cli.console.err(`Login did not succeed, error: ${textOf(error)}\n`);
    return false;
  }
}

async function loginWith(cli: Cli, server: string, _invocation: Invocation, given: { username: string; password: string }): Promise<void> {
  let { username, password } = given;
  if ((username === "" || password === "") && !cli.console.isTerminal("in")) throw failure("Error: Cannot perform an interactive login from a non TTY device");
  if (username === "") {
    cli.console.out(server === HUB ? "Log in with your Docker ID or email address to push and pull images from Docker Hub.\n\nUsername: " : "Username: ");
    username = cli.console.readLine().trim();
    if (username === "") throw failure("Error: Non-null Username Required");
  }
  if (password === "") {
    password = await askSecret(cli, "Password: ");
    if (password === "") throw failure("Error: Password Required");
  }
  await authenticate(cli, server, { username, password, serveraddress: server });
}

async function authenticate(cli: Cli, server: string, credentials: Credentials): Promise<void> {
  const answer = await cli.client().json<{ Status?: string; IdentityToken?: string }>("POST", "/auth", { body: { ...credentials, serveraddress: server } });
  const token = answer.IdentityToken ? { identitytoken: answer.IdentityToken, password: "" } : {};
  const { plainText } = storeCredentials(cli.config(), server, { ...credentials, ...token });
  if (plainText) {
    cli.console.err(`\nWARNING! Your credentials are stored unencrypted in '${cli.config().path}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n\n`);
  }
  if (answer.Status) cli.console.out(`${answer.Status}\n`);
}
