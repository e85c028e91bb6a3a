// Credentials for registries: config.json's auths, credential helpers, DOCKER_AUTH_CONFIG; and the header that carries them.
import { spawnSync } from "node:child_process";
import { isDeepStrictEqual } from "node:util";
import { sortedByKey } from "../base/sorted-by-key.ts";
import type { ConfigFile, StoredAuth } from "./config-file.ts";
import type { Cli } from "./context.ts";
import { failure } from "./failure.ts";

export interface Credentials {
  username?: string;
  password?: string;
  identitytoken?: string;
  serveraddress?: string;
}

/** Docker Hub's key among the stored credentials. */
export const HUB = "https://index.docker.io/v1/";

export function serverOf(registry: string): string {
  return registry === "docker.io" || registry === "index.docker.io" || registry === "" ? HUB : registry;
}

export function credentialsFor(cli: Cli, registry: string): Credentials | undefined {
  const server = serverOf(registry);
  const fromEnvironment = environmentAuths(cli)[server];
  if (fromEnvironment) return decodeAuth(fromEnvironment, server);
  const config = cli.config();
  const helper = helperFor(config, server);
  if (helper) return helperGet(helper, server);
  const stored = matchingAuth(config.record<StoredAuth>("auths"), server);
  return stored ? decodeAuth(stored, server) : undefined;
}

/** The X-Registry-Auth header; an empty object when nothing is known. */
export function authHeader(credentials: Credentials | undefined): Record<string, string> {
  return { "X-Registry-Auth": Buffer.from(JSON.stringify(credentials ?? {})).toString("base64url") };
}

/** `plainText`: they lie readable in a file since now. */
export function storeCredentials(config: ConfigFile, server: string, credentials: Credentials): { plainText: boolean } {
  const helper = helperFor(config, server);
  const auths: Record<string, StoredAuth> = { ...config.record<StoredAuth>("auths") };
  if (helper) {
    helperStore(helper, server, credentials);
    auths[server] = {};
  } else {
    const pair = Buffer.from(`${credentials.username ?? ""}:${credentials.password ?? ""}`).toString("base64");
    const entry = credentials.identitytoken ? { auth: Buffer.from(`${credentials.username ?? ""}:`).toString("base64"), identitytoken: credentials.identitytoken } : { auth: pair };
    if (isDeepStrictEqual(auths[server], entry)) return { plainText: false };
    auths[server] = entry;
  }
  config.set("auths", sortedByKey(auths));
  config.save();
  return { plainText: helper === undefined };
}

export function eraseCredentials(config: ConfigFile, server: string): void {
  const helper = helperFor(config, server);
  const auths: Record<string, StoredAuth> = { ...config.record<StoredAuth>("auths") };
  // older clients stored whole addresses
  const keys = [server, hostOf(server), `http://${hostOf(server)}`, `https://${hostOf(server)}`];
  if (helper) helperErase(helper, keys);
  const known = keys.filter((key) => auths[key] !== undefined);
  if (known.length === 0) return;
  for (const key of known) delete auths[key];
  config.set("auths", auths);
  config.save();
}

function environmentAuths(cli: Cli): Readonly<Record<string, StoredAuth>> {
  const text = cli.env["DOCKER_AUTH_CONFIG"];
  if (!text) return {};
  try {
    return (JSON.parse(text) as { auths?: Record<string, StoredAuth> }).auths ?? {};
  } catch (error) {
    cli.console.err(`Failed to create credential store from DOCKER_AUTH_CONFIG: ${error instanceof Error ? error.message : String(error)}\n`);
    return {};
  }
}

function helperFor(config: ConfigFile, server: string): string | undefined {
  return config.record<string>("credHelpers")[hostOf(server)] ?? config.record<string>("credHelpers")[server] ?? config.text("credsStore");
}

function matchingAuth(auths: Readonly<Record<string, StoredAuth>>, server: string): StoredAuth | undefined {
  const key = auths[server] ? server : Object.keys(auths).find((candidate) => hostOf(candidate) === hostOf(server));
  return key === undefined ? undefined : auths[key];
}

function hostOf(server: string): string {
  return server.replace(/^https?:\/\//, "").split("/")[0]!;
}

function decodeAuth(stored: StoredAuth, server: string): Credentials {
  const text = Buffer.from(stored.auth ?? "", "base64").toString();
  const colon = text.indexOf(":");
  const username = colon < 0 ? text : text.slice(0, colon);
  const password = colon < 0 ? "" : text.slice(colon + 1).replace(/\0+$/, "");
  return { username, password, ...(stored.identitytoken ? { identitytoken: stored.identitytoken } : {}), serveraddress: server };
}

function helperGet(helper: string, server: string): Credentials | undefined {
  const answer = callHelper(helper, "get", server);
  // Docker goes on without credentials too: the registry will say what it thinks of that
  if (answer.problem !== undefined) return undefined;
  const { Username, Secret } = JSON.parse(answer.out) as { Username: string; Secret: string };
  if (Username === "<token>") return { identitytoken: Secret, serveraddress: server };
  return { username: Username, password: Secret, serveraddress: server };
}

function helperStore(helper: string, server: string, { username, password, identitytoken }: Credentials): void {
  const answer = callHelper(helper, "store", JSON.stringify({ ServerURL: server, Username: identitytoken ? "<token>" : username, Secret: identitytoken ?? password }));
  if (answer.problem !== undefined) throw failure(`Error saving credentials: error storing credentials - err: ${answer.problem}, out: \`${answer.out}\``);
}

/** What the helper does not know needs no erasing. */
function helperErase(helper: string, servers: readonly string[]): void {
  for (const server of servers) callHelper(helper, "erase", server);
}

interface HelperAnswer {
  out: string;
  /** As Go tells it, if it went wrong. */
  problem?: string;
}

/** The secret goes through the helper's stdin, never through its arguments. */
function callHelper(helper: string, action: "get" | "store" | "erase", input: string): HelperAnswer {
  const program = `docker-credential-${helper}`;
  const result = spawnSync(program, [action], { input, encoding: "utf8", stdio: ["pipe", "pipe", "inherit"] });
  if (result.error) return { out: "", problem: `exec: ${JSON.stringify(program)}: executable file not found in $PATH` };
  const out = result.stdout.trim();
  return result.status === 0 ? { out } : { out, problem: `exit status ${result.status}` };
}
