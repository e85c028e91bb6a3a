// A context as it is copied, exported and imported: its metadata and TLS files, the one in memory (`default`) too.
import type { Cli } from "../../context.ts";
import type { ContextMeta } from "../../context-store.ts";
import { checkContextName } from "../../context-store.ts";
import { defaultHost, type TlsFiles } from "../../endpoint.ts";

export const DEFAULT_DESCRIPTION = "Current DOCKER_HOST based configuration";

export interface StoredContext {
  readonly metadata: ContextMeta["Metadata"];
  readonly docker: NonNullable<ContextMeta["Endpoints"]["docker"]>;
  readonly tls: TlsFiles;
}

/** Throws when there is none of this name. */
export function readContext(cli: Cli, name: string): StoredContext {
  if (name === "default") return { metadata: { Description: DEFAULT_DESCRIPTION }, docker: { Host: defaultHost(cli), SkipTLSVerify: false }, tls: {} };
  checkContextName(name);
  const meta = cli.contexts().get(name);
  return { metadata: meta.Metadata, docker: meta.Endpoints.docker ?? {}, tls: cli.contexts().readTls(name) };
}

export function saveContext(cli: Cli, name: string, { metadata, docker, tls }: StoredContext): void {
  cli.contexts().save({ Name: name, Metadata: metadata, Endpoints: { docker } }, tls);
}
