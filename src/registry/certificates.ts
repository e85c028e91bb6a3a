// Certificates per registry, as in /etc/docker/certs.d/HOST/{*.crt,*.cert,*.key}.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { invalid } from "../base/errors.ts";
import { checkPair, parseAuthorities } from "./pem.ts";
import type { Trust } from "./transport.ts";

export interface Certificates extends Pick<Trust, "cert" | "key"> {
  /** In addition to those that the machine trusts. */
  authorities: string[];
}

/** `host` with its port where it has one. The first directory that has a folder of that name counts. */
export function loadCertificates(directories: readonly string[], host: string): Certificates {
  for (const base of directories) {
    const directory = join(base, host);
    const names = list(directory);
    if (names !== undefined) return read(directory, names);
  }
  return { authorities: [] };
}

function read(directory: string, names: readonly string[]): Certificates {
  const text = (name: string): string => readFileSync(join(directory, name), "utf8");
  const authorities = names.filter((name) => name.endsWith(".crt")).flatMap((name) => parseAuthorities(text(name)));
  const cert: string[] = [];
  const key: string[] = [];
  for (const name of names) {
    if (name.endsWith(".cert")) {
      const keyName = `${name.slice(0, -".cert".length)}.key`;
      if (!names.includes(keyName)) throw invalid(`missing key ${keyName} for client certificate ${name}. CA certificates must use the extension .crt`);
      checkPair(text(name), text(keyName));
      cert.push(text(name));
      key.push(text(keyName));
    } else if (name.endsWith(".key")) {
      const certName = `${name.slice(0, -".key".length)}.cert`;
      if (!names.includes(certName)) throw invalid(`missing client certificate ${certName} for key ${name}`);
    }
  }
  return { authorities, ...(cert.length > 0 ? { cert, key } : {}) };
}

function list(directory: string): string[] | undefined {
  try {
    return readdirSync(directory).toSorted();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // also a name that no directory can have
    if (code !== undefined && ["ENOENT", "ENOTDIR", "EACCES", "ENAMETOOLONG"].includes(code)) return undefined;
    throw error;
  }
}
