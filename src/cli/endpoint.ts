// Where the daemon is: flags, environment and contexts → one endpoint. No connection is made here.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Cli } from "./context.ts";
import { failure } from "./failure.ts";

export interface TlsFiles {
  ca?: string | Uint8Array;
  cert?: string | Uint8Array;
  key?: string | Uint8Array;
  skipVerify?: boolean;
}

export type Endpoint =
  | { readonly kind: "unix"; readonly url: string; readonly path: string }
  | { readonly kind: "tcp"; readonly url: string; readonly host: string; readonly port: number; readonly basePath: string; readonly tls?: TlsFiles }
  | { readonly kind: "ssh"; readonly url: string };

const BERTH_SOCKET = "/run/berth/berth.sock";
const DOCKER_SOCKET = "/var/run/docker.sock";

/** The name of the context in force: flag, then a host given otherwise means `default`, then environment, then file. */
export function contextName(cli: Cli): string {
  if (cli.global.context !== undefined && cli.global.context !== "") {
    if (cli.global.host !== undefined) throw failure("conflicting options: cannot specify both --host and --context");
    return cli.global.context;
  }
  if (cli.global.host !== undefined || cli.env["BERTH_HOST"] || cli.env["DOCKER_HOST"]) return "default";
  return cli.env["DOCKER_CONTEXT"] || cli.config().text("currentContext") || "default";
}

export function resolveEndpoint(cli: Cli): Endpoint {
  const name = contextName(cli);
  if (name !== "default") return cli.contexts().endpoint(name);
  return parseHost(defaultHost(cli), tlsOfFlags(cli));
}

/** The host of the `default` context. */
export function defaultHost(cli: Cli): string {
  const given = cli.global.host ?? (cli.env["BERTH_HOST"] || cli.env["DOCKER_HOST"]);
  if (given) return given;
  if (tlsOfFlags(cli)) return "tcp://127.0.0.1:2376";
  return existsSync(BERTH_SOCKET) || !existsSync(DOCKER_SOCKET) ? `unix://${BERTH_SOCKET}` : `unix://${DOCKER_SOCKET}`;
}

/** `unix:///path`, `tcp://host:port`, `http(s)://…`, `ssh://…`; a bare `host:port` is tcp. */
export function parseHost(text: string, tls?: TlsFiles): Endpoint {
  const host = text.includes("://") ? text : text.startsWith("/") ? `unix://${text}` : `tcp://${text}`;
  const [scheme, rest] = host.split("://", 2) as [string, string];
  switch (scheme) {
    case "unix":
      return { kind: "unix", url: `unix://${rest || DOCKER_SOCKET}`, path: rest || DOCKER_SOCKET };
    case "ssh":
      return { kind: "ssh", url: host };
    case "tcp":
    case "http":
    case "https":
      return parseTcp(scheme, rest, scheme === "https" ? (tls ?? {}) : tls);
    default:
      throw failure(`Failed to initialize: unable to resolve docker endpoint: invalid bind address format: ${text}`);
  }
}

function parseTcp(scheme: string, rest: string, tls: TlsFiles | undefined): Endpoint {
  const slash = rest.indexOf("/");
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const match = /^(\[[0-9a-fA-F:]+\]|[^:]*)(?::(\d+))?$/.exec(authority);
  if (!match) throw failure(`unable to parse docker host \`${scheme}://${rest}\``);
  const port = match[2] ? Number(match[2]) : tls ? 2376 : 2375;
  const basePath = slash < 0 ? "" : rest.slice(slash).replace(/\/$/, "");
  const host = match[1] || "localhost";
  return { kind: "tcp", url: `${scheme}://${host}:${port}${basePath}`, host, port, basePath, tls };
}

function tlsOfFlags(cli: Cli): TlsFiles | undefined {
  const flags = cli.global.tls;
  const verify = flags?.verify ?? Boolean(cli.env["DOCKER_TLS_VERIFY"]);
  if (!flags && !cli.env["DOCKER_TLS_VERIFY"] && !cli.env["DOCKER_TLS"]) return undefined;
  const directory = cli.env["DOCKER_CERT_PATH"] || cli.global.configDirectory;
  // without a certificate of one's own one may be let in; without the authority's nobody is trusted
  const own = (path: string | undefined, name: string) => (path ? read(path) : existsSync(join(directory, name)) ? read(join(directory, name)) : undefined);
  return { ca: read(flags?.caFile || join(directory, "ca.pem")), cert: own(flags?.certFile, "cert.pem"), key: own(flags?.keyFile, "key.pem"), skipVerify: !verify };
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    throw failure(`Failed to initialize: unable to resolve docker endpoint: open ${path}: no such file or directory`);
  }
}

export function configDirectory(env: Cli["env"]): string {
  return env["DOCKER_CONFIG"] || join(env["HOME"] || (require("node:os") as typeof import("node:os")).homedir(), ".docker");
}
