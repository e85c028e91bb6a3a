// Docker contexts on disk: contexts/meta/<sha256 of the name>/meta.json and the TLS files beside.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseHost, type Endpoint, type TlsFiles } from "./endpoint.ts";
import { failure } from "./failure.ts";

export interface ContextMeta {
  Name: string;
  Metadata: { Description?: string; [key: string]: unknown };
  Endpoints: { docker?: { Host?: string; SkipTLSVerify?: boolean } };
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/;

export class ContextStore {
  readonly root: string;

  constructor(configDirectory: string) {
    this.root = join(configDirectory, "contexts");
  }

  list(): ContextMeta[] {
    const directory = join(this.root, "meta");
    if (!existsSync(directory)) return [];
    const found: ContextMeta[] = [];
    for (const entry of readdirSync(directory)) {
      const path = join(directory, entry, "meta.json");
      if (existsSync(path)) found.push(JSON.parse(readFileSync(path, "utf8")) as ContextMeta);
    }
    return found.toSorted((a, b) => (a.Name < b.Name ? -1 : 1));
  }

  find(name: string): ContextMeta | undefined {
    const path = join(this.metaDirectory(name), "meta.json");
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as ContextMeta) : undefined;
  }

  get(name: string): ContextMeta {
    const found = this.find(name);
    if (!found) throw failure(`context "${name}": context not found: open ${join(this.metaDirectory(name), "meta.json")}: no such file or directory`);
    return found;
  }

  endpoint(name: string): Endpoint {
    const meta = this.find(name);
    if (!meta) {
      throw failure(`Failed to initialize: unable to resolve docker endpoint: context "${name}": context not found: open ${join(this.metaDirectory(name), "meta.json")}: no such file or directory`);
    }
    const docker = meta.Endpoints.docker ?? {};
    return parseHost(docker.Host ?? "", this.#tlsFiles(name, docker.SkipTLSVerify ?? false));
  }

  save(meta: ContextMeta, tls: TlsFiles = {}): void {
    const directory = this.metaDirectory(meta.Name);
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    writeFileSync(join(directory, "meta.json"), JSON.stringify(meta), { mode: 0o644 });
    rmSync(this.tlsDirectory(meta.Name), { recursive: true, force: true });
    for (const [name, data] of [["ca.pem", tls.ca], ["cert.pem", tls.cert], ["key.pem", tls.key]] as const) {
      if (data === undefined) continue;
      mkdirSync(join(this.tlsDirectory(meta.Name), "docker"), { recursive: true, mode: 0o700 });
      writeFileSync(join(this.tlsDirectory(meta.Name), "docker", name), data, { mode: 0o600 });
    }
  }

  remove(name: string): void {
    rmSync(this.metaDirectory(name), { recursive: true, force: true });
    rmSync(this.tlsDirectory(name), { recursive: true, force: true });
  }

  metaDirectory(name: string): string {
    return join(this.root, "meta", idOf(name));
  }

  tlsDirectory(name: string): string {
    return join(this.root, "tls", idOf(name));
  }

  /** The TLS files as they are stored. */
  readTls(name: string): TlsFiles {
    const directory = join(this.tlsDirectory(name), "docker");
    const read = (file: string) => (existsSync(join(directory, file)) ? readFileSync(join(directory, file)) : undefined);
    return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
  }

  #tlsFiles(name: string, skipVerify: boolean): TlsFiles | undefined {
    if (!existsSync(join(this.tlsDirectory(name), "docker"))) return skipVerify ? { skipVerify } : undefined;
    return { ...this.readTls(name), skipVerify };
  }
}

export function checkContextName(name: string): void {
  if (name === "") throw failure("context name cannot be empty");
  if (name === "default") throw failure('"default" is a reserved context name');
  if (!NAME.test(name)) throw failure(`context name "${name}" is invalid, names are validated against regexp "^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$"`);
}

/** node:crypto takes 2 ms to load: only for those who use contexts. */
function idOf(name: string): string {
  const { createHash } = require("node:crypto") as typeof import("node:crypto");
  return createHash("sha256").update(name).digest("hex");
}
