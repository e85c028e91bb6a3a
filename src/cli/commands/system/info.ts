// `system info`, `info`.
import { noArguments, type Command } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { contextName } from "../../endpoint.ts";
import { failure, textOf } from "../../failure.ts";
import { writeJson } from "../../json-text.ts";
import { compileTemplate, executeTemplate } from "../../template/execute.ts";
import { CLI_VERSION } from "../../cli.ts";
import { serverInfoText, type Info } from "./info-text.ts";
import { zeroOf } from "../../inspect/shape.ts";

export const command: Command = {
  args: noArguments,
  flags: `
-f, --format string  {inspect}
`,
  async run(cli, { flags }) {
    const format = flags.text("format");
    const server = await readInfo(cli);
    const client = { Debug: cli.global.debug, Version: CLI_VERSION, Context: contextName(cli), Plugins: [], Warnings: null };
    if (format !== "") {
      try {
        cli.console.out(`${render(cli, format, { ...server.info, ...(server.problem === undefined ? {} : { ServerErrors: [server.problem] }), ClientInfo: client })}\n`);
      } catch (error) {
        throw server.problem === undefined ? error : failure(server.problem);
      }
      if (server.problem !== undefined) throw failure(server.problem);
      return;
    }
    cli.console.out(`Client:\n Version:    ${client.Version}\n Context:    ${client.Context}\n Debug Mode: ${client.Debug}\n\nServer:\n`);
    if (!server.info) throw failure(server.problem ?? "");
    cli.console.out(serverInfoText(server.info));
    for (const warning of server.info.Warnings ?? []) cli.console.err(`${warning}\n`);
  },
};

async function readInfo(cli: Cli): Promise<{ info?: Info; problem?: string }> {
  try {
    return { info: await cli.client().json<Info>("GET", "/info") };
  } catch (error) {
    return { problem: textOf(error) };
  }
}

function render(cli: Cli, format: string, info: object): string {
  if (format === "json") return writeJson(info);
  let template;
  try {
    template = compileTemplate(format);
  } catch (error) {
    throw failure(`template parsing error: ${textOf(error)}`, 64);
  }
  try {
    return executeTemplate(template, info, { structTypes: new Map([[info, "system.dockerInfo"]]), zeroOf });
  } catch (error) {
    cli.console.out("\n");
    throw failure(textOf(error));
  }
}
