// The authorities that this machine trusts, found where Go's programs look for them.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { parseAuthorities } from "./pem.ts";
import type { Environment } from "./proxy.ts";

const FILES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/cacert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem"];
const DIRECTORIES = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

/** SSL_CERT_FILE and SSL_CERT_DIR take the place of the usual ones. On a machine without any, those that came with this program. */
export function loadSystemRoots({ SSL_CERT_FILE: file, SSL_CERT_DIR: directories }: Environment): string[] {
  const bundle = (file ? [file] : FILES).map(readText).find((text) => text !== undefined);
  // what the usual directories hold is in the usual file too
  const folders = directories ? directories.split(":") : bundle === undefined ? DIRECTORIES : [];
  const roots = parseAuthorities([bundle ?? "", ...folders.flatMap(readAll)].join("\n"));
  return roots.length === 0 ? [...rootCertificates] : roots;
}

function readAll(directory: string): string[] {
  try {
    return readdirSync(directory).flatMap((name) => readText(join(directory, name)) ?? []);
  } catch {
    // one that is not there adds nothing
    return [];
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // not there, or a directory
    return undefined;
  }
}
