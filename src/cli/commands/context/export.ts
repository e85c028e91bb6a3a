// `context export`: the metadata and the TLS files as a tar archive.
import { closeSync, openSync, writeSync } from "node:fs";
import { tarEntry, TAR_END } from "../../archive/tar-entry.ts";
import { between, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";
import { readContext, type StoredContext } from "./stored-context.ts";

export const command: Command = {
  args: between(1, 2),
  completes: "contexts",
  async run(cli, { args }) {
    const [name = "", path = `${name}.dockercontext`] = args;
    const archive = archiveOf(name, readContext(cli, name));
    if (path === "-") {
      if (cli.console.isTerminal("out")) throw failure("cowardly refusing to export to a terminal, specify a file path");
      cli.console.out(archive);
      return;
    }
    let file: number;
    try {
      file = openSync(path, "wx", 0o600);
    } catch (error) {
      throw failure(`open ${path}: ${(error as NodeJS.ErrnoException).code === "EEXIST" ? "file exists" : "no such file or directory"}`);
    }
    writeSync(file, archive);
    closeSync(file);
    cli.console.err(`Written file ${JSON.stringify(path)}\n`);
  },
};

function archiveOf(name: string, { metadata, docker, tls }: StoredContext): Uint8Array {
  const meta = JSON.stringify({ Name: name, Metadata: metadata, Endpoints: { docker } });
  const files = Object.entries({ "ca.pem": tls.ca, "cert.pem": tls.cert, "key.pem": tls.key }).flatMap(([file, data]) => (data === undefined ? [] : [tarEntry(`tls/docker/${file}`, Buffer.from(data), 0o600)]));
  const directories = files.length > 0 ? [tarEntry("tls/", undefined, 0o700), tarEntry("tls/docker/", undefined, 0o700)] : [tarEntry("tls/", undefined, 0o700)];
  return Buffer.concat([tarEntry("meta.json", Buffer.from(meta), 0o644), ...directories, ...files, TAR_END]);
}
