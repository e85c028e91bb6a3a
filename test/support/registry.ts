// Debian's docker-registry on a free loopback port, storing in a temporary directory.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { poll } from "./poll.ts";

export interface TestRegistry extends AsyncDisposable {
  /** host:port */
  address: string;
}

export function hasRegistry(): boolean {
  return spawnSync("docker-registry", ["--version"]).error === undefined;
}

export interface RegistryOptions {
  /** Asked for by basic authentication. */
  login?: { user: string; password: string };
}

/** `enter` is put before the command: into the network namespace of the engine that shall reach it. */
export async function startRegistry(enter: readonly string[] = [], { login }: RegistryOptions = {}): Promise<TestRegistry> {
  const directory = mkdtempSync(join(tmpdir(), "berth-registry-"));
  const address = `127.0.0.1:${await freePort()}`;
  const file = join(directory, "config.yml");
  writeFileSync(
    file,
    `version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: ${directory}/data}, delete: {enabled: true}}
http: {addr: "${address}"}
${login === undefined ? "" : `auth: {htpasswd: {realm: test, path: ${directory}/htpasswd}}`}
`,
  );
  if (login !== undefined) writeFileSync(join(directory, "htpasswd"), `${login.user}:${await bcrypt(login.password)}\n`);
  const [program = "", ...args] = [...enter, "docker-registry", "serve", file];
  const child = spawn(program, args, { stdio: "ignore" });
  const credentials = login === undefined ? [] : ["-u", `${login.user}:${login.password}`];
  const [curl = "", ...curlArgs] = [...enter, "curl", "-sf", ...credentials, "-m", "2", `http://${address}/v2/`];
  await poll("the registry answers", () => child.exitCode === null && spawnSync(curl, curlArgs).status === 0);
  return {
    address,
    async [Symbol.asyncDispose]() {
      await end(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** As docker-registry's htpasswd file wants it. */
function bcrypt(password: string): Promise<string> {
  return Bun.password.hash(password, { algorithm: "bcrypt", cost: 4 });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
