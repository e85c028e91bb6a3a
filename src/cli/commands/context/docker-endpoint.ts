// `--docker key=value,…` → the endpoint of a context and its TLS files.
import { readFileSync } from "node:fs";
import type { Cli } from "../../context.ts";
import { parseHost, type TlsFiles } from "../../endpoint.ts";
import { failure } from "../../failure.ts";
import type { FlagValidator } from "../../flags.ts";
import { parseBool } from "../../flag-values.ts";
import { splitCsv } from "../../run/csv.ts";
import { readContext, type StoredContext } from "./stored-context.ts";

export const ENDPOINT_HELP = `
Docker endpoint config:

NAME                DESCRIPTION
from                Copy named context's Docker endpoint configuration
host                Docker endpoint on which to connect
ca                  Trust certs signed only by this CA
cert                Path to TLS certificate file
key                 Path to TLS key file
skip-tls-verify     Skip TLS certificate validation

Example:
`;

const KEYS: readonly string[] = ["from", "host", "ca", "cert", "key", "skip-tls-verify"];

/** Complains about a part that is no pair. */
export const checkPairs: FlagValidator = (value) => {
  const wrong = splitCsv(value).find((part) => !part.includes("="));
  return wrong === undefined ? undefined : `${wrong} must be formatted as key=value`;
};

/** Throws with `verb` in the text: `unable to create docker endpoint config`. */
export function endpointOf(cli: Cli, flags: readonly string[], verb: "create" | "update"): Pick<StoredContext, "docker" | "tls"> {
  try {
    return parseEndpoint(cli, pairsOf(flags));
  } catch (error) {
    throw failure(`unable to ${verb} docker endpoint config: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function pairsOf(flags: readonly string[]): ReadonlyMap<string, string> {
  return new Map(flags.flatMap(splitCsv).map((part) => [part.slice(0, part.indexOf("=")).trim(), part.slice(part.indexOf("=") + 1).trim()]));
}

function parseEndpoint(cli: Cli, pairs: ReadonlyMap<string, string>): Pick<StoredContext, "docker" | "tls"> {
  const unknown = [...pairs.keys()].filter((key) => !KEYS.includes(key)).toSorted();
  if (unknown.length > 0) throw failure(`unrecognized config key: ${unknown.join(", ")}`);
  const from = pairs.get("from");
  if (from) return readContext(cli, from);
  const text = pairs.get("skip-tls-verify") ?? "";
  const skip = text === "" ? false : parseBool(text);
  if (skip === undefined) throw failure(`skip-tls-verify: parsing ${JSON.stringify(text)}: invalid syntax`);
  const tls: TlsFiles = { ca: readPem(pairs.get("ca")), cert: readPem(pairs.get("cert")), key: readPem(pairs.get("key")) };
  const host = pairs.get("host") ?? "";
  if (host !== "") checkHost(host);
  return { docker: { Host: host, SkipTLSVerify: skip }, tls };
}

function readPem(path: string | undefined): Uint8Array | undefined {
  if (!path) return undefined;
  try {
    return readFileSync(path);
  } catch {
    throw failure(`open ${path}: no such file or directory`);
  }
}

/** Any scheme is taken, since a plugin of the connection may know it; without one it is no address at all. */
function checkHost(host: string): void {
  if (!host.includes("://")) throw failure(`unable to apply docker endpoint options: unable to parse docker host \`${host}\``);
  if (/^(unix|tcp|https?):/.test(host)) parseHost(host);
}
