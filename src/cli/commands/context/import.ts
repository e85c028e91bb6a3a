// `context import`: what `context export` wrote.
import { existsSync } from "node:fs";
import { readTar } from "../../archive/tar-read.ts";
import { exactly, type Command } from "../../command.ts";
import { checkContextName, type ContextMeta } from "../../context-store.ts";
import type { TlsFiles } from "../../endpoint.ts";
import { failure } from "../../failure.ts";
import { readSource } from "../../read-source.ts";

const MOST_BYTES = 10 * 1024 * 1024;
const TLS_FILES: Readonly<Record<string, keyof Omit<TlsFiles, "skipVerify">>> = { "tls/docker/ca.pem": "ca", "tls/docker/cert.pem": "cert", "tls/docker/key.pem": "key" };

export const command: Command = {
  args: exactly(2),
  async run(cli, { args }) {
    const [name = "", path = ""] = args;
    checkContextName(name);
    if (cli.contexts().find(name)) throw failure(`context ${JSON.stringify(name)} already exists`);
    if (path !== "-" && !existsSync(path)) throw failure(`open ${path}: no such file or directory`);
    const { meta, tls } = await readArchive(path === "-" ? cli.console.input() : readSource(path));
    if (!meta) throw failure("invalid context: no metadata found");
    cli.contexts().save({ ...meta, Name: name }, tls);
    cli.console.out(`${name}\n`);
    cli.console.err(`Successfully imported context ${JSON.stringify(name)}\n`);
  },
};

async function readArchive(source: AsyncIterable<Uint8Array>): Promise<{ meta?: ContextMeta; tls: TlsFiles }> {
  let meta: ContextMeta | undefined;
  const tls: TlsFiles = {};
  for await (const entry of readTar(source)) {
    if (entry.kind !== "file") continue;
    if (entry.sizeBytes > MOST_BYTES) throw failure(`${entry.name} is too large for a context`);
    const part = TLS_FILES[entry.name];
    if (part !== undefined) tls[part] = await contentOf(entry.body());
    else if (entry.name === "meta.json") meta = JSON.parse(Buffer.from(await contentOf(entry.body())).toString()) as ContextMeta;
    else throw failure(`invalid context: unexpected file ${JSON.stringify(entry.name)}`);
  }
  return { ...(meta ? { meta } : {}), tls };
}

async function contentOf(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
