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
  /** A directory like /etc/docker/certs.d, with these files for `host`. */
  certsD(host: string, files: Record<string, string>): string;
}

/** Undefined without openssl. */
export function makeAuthority(serverNames: readonly string[]): TestAuthority | undefined {
  const directory = mkdtempSync(join(tmpdir(), "berth-ca-"));
  const openssl = (...args: string[]): boolean => spawnSync("openssl", args, { cwd: directory, stdio: "ignore" }).status === 0;
  const signed = (name: string, extension: string): boolean => {
    writeFileSync(join(directory, `${name}.ext`), extension);
    return (
      openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`) &&
      openssl("x509", "-req", "-in", `${name}.csr`, "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-out", `${name}.crt`, "-days", "2", "-extfile", `${name}.ext`)
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
  let serial = 0;
  return {
    directory,
    ca: read("ca.crt"),
    server: { cert: read("server.crt"), key: read("server.key") },
    client: { cert: read("client.crt"), key: read("client.key") },
    certsD(host, files) {
      const base = join(directory, `certs.d${++serial}`);
      mkdirSync(join(base, host), { recursive: true });
      for (const [name, content] of Object.entries(files)) writeFileSync(join(base, host, name), content);
      return base;
    },
    [Symbol.dispose]: remove,
  };
}
