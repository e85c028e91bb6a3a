// A certificate authority of the test's own, made by openssl.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Pair {
  cert: string;
  key: string;
}

export interface TestAuthority extends Disposable {
  readonly directory: string;
  ca: string;
  server: Pair;
  client: Pair;
  /** Another one, with these extensions; `days` below 0: it has run out. */
  sign(name: string, extensions: string, days?: number): Pair;
  /** A directory like /etc/docker/certs.d, with these files for `host`. */
  certsD(host: string, files: Record<string, string>): string;
}

/** Undefined without openssl. */
export function makeAuthority(serverNames: readonly string[]): TestAuthority | undefined {
  const directory = mkdtempSync(join(tmpdir(), "berth-ca-"));
  const openssl = (...args: string[]): boolean => spawnSync("openssl", args, { cwd: directory, stdio: "ignore" }).status === 0;
  const signed = (name: string, extensions: string, days = 2): boolean => {
    writeFileSync(join(directory, `${name}.ext`), extensions);
    return (
      openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`) &&
      openssl("x509", "-req", "-in", `${name}.csr`, "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-out", `${name}.crt`, "-days", String(days), "-extfile", `${name}.ext`)
    );
  };
  const made =
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=test authority") &&
    signed("server", `subjectAltName=${serverNames.map((name) => (/^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`)).join(",")}`) &&
    signed("client", "extendedKeyUsage=clientAuth");
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  if (!made) {
    remove();
    return undefined;
  }
  const read = (name: string): string => readFileSync(join(directory, name), "utf8");
  const pair = (name: string): Pair => ({ cert: read(`${name}.crt`), key: read(`${name}.key`) });
  let serial = 0;
  return {
    directory,
    ca: read("ca.crt"),
    server: pair("server"),
    client: pair("client"),
    sign(name, extensions, days) {
      if (!signed(name, extensions, days)) throw new Error(`openssl made no certificate for ${name}`);
      return pair(name);
    },
    certsD(host, files) {
      const base = join(directory, `certs.d${++serial}`);
      mkdirSync(join(base, host), { recursive: true });
      for (const [name, content] of Object.entries(files)) writeFileSync(join(base, host, name), content);
      return base;
    },
    [Symbol.dispose]: remove,
  };
}
