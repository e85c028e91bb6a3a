// `image import`.
import { existsSync } from "node:fs";
import { between, type Command } from "../../command.ts";
import { jsonLines, type Query } from "../../client.ts";
import type { Cli } from "../../context.ts";
import { failure } from "../../failure.ts";
import { parseImageName } from "../../image-name.ts";
import { showProgress, type ProgressMessage } from "../../progress.ts";
import { readSource } from "../../read-source.ts";

export const command: Command = {
  args: { ...between(1, 2), check: (count) => (count >= 1 ? undefined : "requires at least 1 argument"), seeAlso: true },
  completes: "files",
  flags: `
-c, --change list  Apply Dockerfile instruction to the created image
-m, --message string  Set commit message for imported image
--platform string  Set platform if server is multi-platform capable
`,
  async run(cli, { args, flags }) {
    const [source = "", reference] = args;
    if (source !== "-" && !isUrl(source) && !existsSync(source)) throw failure(`open ${source}: no such file or directory`);
    if (reference !== undefined) parseImageName(reference);
    const query = { repo: reference, message: flags.text("message") || undefined, changes: flags.list("change"), platform: flags.text("platform") || undefined };
    await showProgress(cli, await send(cli, source, query), { stream: "out" });
  },
};

function isUrl(source: string): boolean {
  return /^(https?|ftp):\/\//.test(source);
}

async function send(cli: Cli, source: string, query: Query): Promise<AsyncIterable<ProgressMessage>> {
  if (isUrl(source)) return cli.client().lines("POST", "/images/create", { query: { ...query, fromSrc: source } });
  const bytes = source === "-" ? cli.console.input() : readSource(source);
  return jsonLines(await cli.client().upload("POST", "/images/create", bytes, { query: { ...query, fromSrc: "-" }, headers: { "Content-Type": "text/plain" } }));
}
