// Logging in and out of a registry that asks for a password, as people do it: from stdin, with helpers, from the environment.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeBaseImage } from "../support/base-image.ts";
import { berthCommand, startDaemon, type TestDaemon } from "../support/daemon.ts";
import { type ClientResult, runClient } from "../support/docker-cli.ts";
import { isRoot } from "../support/free-network.ts";
import { hasRegistry, startRegistry, type TestRegistry } from "../support/registry.ts";

const DEADLINE_MS = 120_000;
const [USER, PASSWORD] = ["joe", "Pass-7f3a91"];

const HELPER = `#!/bin/sh
# keeps one secret in a file, and the names of what was asked
read -r line
printf '%s %s\\n' "$1" "$(printf %s "$line" | sed 's/"Secret":"[^"]*"/-/')" >> "$HELPER_DIR/asked"
case $1 in
  store) printf %s "$line" > "$HELPER_DIR/secret" ;;
  get) if [ -f "$HELPER_DIR/secret" ]; then cat "$HELPER_DIR/secret"; else echo "credentials not found in native keychain"; exit 1; fi ;;
  erase) rm -f "$HELPER_DIR/secret" ;;
esac
`;

describe.skipIf(!isRoot || !hasRegistry())("login", () => {
  let daemon: TestDaemon;
  let registry: TestRegistry;
  let directory: string;
  let image: string;
  beforeAll(async () => {
    [daemon, registry] = await Promise.all([startDaemon(), startRegistry([], { login: { user: USER, password: PASSWORD } })]);
    writeBaseImage(daemon.directory, join(daemon.directory, "base.tar"));
    image = `${registry.address}/private/base:1`;
    await runClient(berthCommand(), ["-H", daemon.host, "import", join(daemon.directory, "base.tar"), image]);
  }, DEADLINE_MS);
  afterAll(async () => {
    const log = daemon.log();
    await Promise.all([daemon, registry].map((each) => each?.[Symbol.asyncDispose]()));
    expect(log).not.toContain(PASSWORD);
  }, DEADLINE_MS);
  beforeEach(() => {
    directory = mkdtempSync("/tmp/berth-login-");
    mkdirSync(join(directory, "bin"));
    writeFileSync(join(directory, "bin/docker-credential-box"), HELPER);
    chmodSync(join(directory, "bin/docker-credential-box"), 0o755);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const berth = (args: readonly string[], stdin = "", env: Record<string, string> = {}): Promise<ClientResult> =>
    runClient(berthCommand(), ["-H", daemon.host, ...args], {
      stdin,
      env: { DOCKER_CONFIG: join(directory, "config"), HELPER_DIR: directory, PATH: `${join(directory, "bin")}:${process.env["PATH"]}`, ...env },
    });
  const configPath = (): string => join(directory, "config/config.json");
  const configure = (config: object): void => {
    mkdirSync(join(directory, "config"), { recursive: true });
    writeFileSync(configPath(), JSON.stringify(config));
  };
  const config = (): { auths?: Record<string, object> } => JSON.parse(readFileSync(configPath(), "utf8")) as { auths?: Record<string, object> };

  test("without it, push and pull are refused in Docker's words", async () => {
    expect((await berth(["push", image])).stderr.trim()).toBe("no basic auth credentials");
    expect((await berth(["pull", image])).stderr.trim()).toBe(`Error response from daemon: Head "http://${registry.address}/v2/private/base/manifests/1": no basic auth credentials`);
  }, DEADLINE_MS);

  test("with the password from stdin: kept for the owner alone, used by push and pull, forgotten by logout", async () => {
    const login = await berth(["login", "-u", USER, "--password-stdin", registry.address], `${PASSWORD}\n`);
    expect(login.stdout).toBe("Login Succeeded\n");
    expect(login.stderr).toBe(
      `\nWARNING! Your credentials are stored unencrypted in '${configPath()}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n\n`,
    );
    expect(config()).toEqual({ auths: { [registry.address]: { auth: Buffer.from(`${USER}:${PASSWORD}`).toString("base64") } } });
    expect(statSync(configPath()).mode & 0o777).toBe(0o600);
    expect((await berth(["push", image])).exitCode).toBe(0);
    expect((await berth(["pull", "-q", image])).stdout).toBe(`${image}\n`);
    // again, with what is known
    const again = await berth(["login", registry.address]);
    expect(again).toEqual({ exitCode: 0, stdout: "Login Succeeded\n", stderr: expect.stringContaining(`Authenticating with existing credentials... [Username: ${USER}]`) });
    expect((await berth(["logout", registry.address])).stdout).toBe(`Removing login credentials for ${registry.address}\n`);
    expect(config()).toEqual({ auths: {} });
    expect((await berth(["push", image])).exitCode).toBe(1);
  }, DEADLINE_MS);

  test("refused, nothing is kept", async () => {
    const login = await berth(["login", "-u", USER, "--password-stdin", registry.address], "wrong");
    expect(login).toEqual({ exitCode: 1, stdout: "", stderr: `Error response from daemon: login attempt to http://${registry.address}/v2/ failed with status: 401 Unauthorized\n` });
    expect(existsSync(configPath())).toBe(false);
  }, DEADLINE_MS);

  test("flags that do not go together, and no terminal to ask on", async () => {
    expect((await berth(["login", "--password-stdin", registry.address], PASSWORD)).stderr).toBe("the --password-stdin option requires --username to be set\n");
    expect((await berth(["login", "-p", "x", "--password-stdin", registry.address])).stderr).toBe("conflicting options: cannot specify both --password and --password-stdin\n");
    expect((await berth(["login", registry.address])).stderr).toBe("Error: Cannot perform an interactive login from a non TTY device\n");
  }, DEADLINE_MS);

  for (const [kind, members] of [
    ["credsStore", () => ({ credsStore: "box" })],
    ["credHelpers", () => ({ credHelpers: { [registry?.address ?? ""]: "box" }, credsStore: "there-is-none" })],
  ] as const) {
    test(`${kind}: the helper keeps the secret, the file does not`, async () => {
      configure(members());
      const login = await berth(["login", "-u", USER, "--password-stdin", registry.address], PASSWORD);
      expect(login).toEqual({ exitCode: 0, stdout: "Login Succeeded\n", stderr: "" });
      expect(config().auths).toEqual({ [registry.address]: {} });
      expect((await berth(["push", "-q", image])).exitCode).toBe(0);
      expect((await berth(["logout", registry.address])).exitCode).toBe(0);
      expect((await berth(["push", "-q", image])).exitCode).toBe(1);
      const asked = readFileSync(join(directory, "asked"), "utf8").trim().split("\n");
      expect(asked[0]).toBe(`store {"ServerURL":"${registry.address}","Username":"${USER}",-}`);
      expect(new Set(asked.slice(1))).toEqual(new Set(["", "http://", "https://"].map((scheme) => `erase ${scheme}${registry.address}`)).add(`get ${registry.address}`));
    }, DEADLINE_MS);
  }

  test("a helper that is not installed: login says so, pull goes on without", async () => {
    configure({ credsStore: "not-installed" });
    const login = await berth(["login", "-u", USER, "--password-stdin", registry.address], PASSWORD);
    expect(login.stderr).toBe('Error saving credentials: error storing credentials - err: exec: "docker-credential-not-installed": executable file not found in $PATH, out: ``\n');
    expect((await berth(["pull", image])).stderr).toContain("no basic auth credentials");
  }, DEADLINE_MS);

  test("DOCKER_AUTH_CONFIG wins over what is stored", async () => {
    const auth = Buffer.from(`${USER}:${PASSWORD}`).toString("base64");
    configure({ auths: { [registry.address]: { auth: Buffer.from(`${USER}:wrong`).toString("base64") } } });
    expect((await berth(["push", image])).exitCode).toBe(1);
    expect((await berth(["push", image], "", { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [registry.address]: { auth } } }) })).exitCode).toBe(0);
  }, DEADLINE_MS);
});
