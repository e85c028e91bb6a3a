// `context inspect`.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { anyArguments, type Command } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { contextName } from "../../endpoint.ts";
import { inspectObjects } from "../../inspect/inspect.ts";
import { writeJson } from "../../json-text.ts";
import { readContext } from "./stored-context.ts";

export const command: Command = {
  args: anyArguments,
  completes: "contexts",
  flags: `
-f, --format string  {inspect}
`,
  async run(cli, { args, flags }) {
    const names = args.length > 0 ? args : [contextName(cli)];
    await inspectObjects(cli, names, flags.text("format"), async (name) => writeJson(describe(cli, name), { escapeHtml: true }));
  },
};

function describe(cli: Cli, name: string): object {
  const { metadata, docker } = readContext(cli, name);
  const inMemory = name === "default";
  const tlsPath = cli.contexts().tlsDirectory(name);
  return {
    Name: name,
    Metadata: inMemory ? {} : metadata,
    Endpoints: { docker: { Host: docker.Host ?? "", SkipTLSVerify: docker.SkipTLSVerify ?? false } },
    TLSMaterial: inMemory || !existsSync(join(tlsPath, "docker")) ? {} : { docker: readdirSync(join(tlsPath, "docker")).toSorted() },
    Storage: inMemory ? { MetadataPath: "<IN MEMORY>", TLSPath: "<IN MEMORY>" } : { MetadataPath: cli.contexts().metaDirectory(name), TLSPath: tlsPath },
  };
}
