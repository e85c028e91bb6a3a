// `version`.
import { noArguments, type Command } from "../../command.ts";
import { NEWEST_API } from "../../client.ts";
import { contextName } from "../../endpoint.ts";
import type { Cli } from "../../context.ts";
import { failure, textOf } from "../../failure.ts";
import { writeJson } from "../../json-text.ts";
import { compileTemplate, executeTemplate } from "../../template/execute.ts";
import { CLI_VERSION } from "../../cli.ts";

interface ServerVersion {
  Platform?: { Name: string };
  Components?: { Name: string; Version: string; Details?: Record<string, string> | null }[] | null;
  Version: string;
  ApiVersion: string;
  MinAPIVersion?: string;
  GitCommit?: string;
  GoVersion?: string;
  Os?: string;
  Arch?: string;
  BuildTime?: string;
  Experimental?: boolean;
}

export const command: Command = {
  args: noArguments,
  flags: `
-f, --format string  {inspect}
`,
  async run(cli, { flags }) {
    const template = compile(flags.text("format"));
    const server = await readServer(cli);
    const client = await clientVersion(cli, server.value);
    try {
      cli.console.out(template ? render(cli, template, client, server.value) : `${clientText(client)}${server.value ? serverText(server.value) : ""}`);
    } catch (error) {
      throw server.problem === undefined ? error : failure(server.problem); // a template about a server that is not there
    }
    if (server.problem !== undefined) throw failure(server.problem);
  },
};

async function readServer(cli: Cli): Promise<{ value?: ServerVersion; problem?: string }> {
  try {
    return { value: await cli.client().json<ServerVersion>("GET", "/version") };
  } catch (error) {
    return { problem: textOf(error) };
  }
}

async function clientVersion(cli: Cli, server: ServerVersion | undefined) {
  const apiVersion = server ? await cli.client().apiVersion() : NEWEST_API;
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  return { Version: CLI_VERSION, ApiVersion: apiVersion, DefaultAPIVersion: NEWEST_API, GitCommit: "", GoVersion: "", Os: process.platform, Arch: arch, BuildTime: "", Context: contextName(cli) };
}

type ClientVersion = Awaited<ReturnType<typeof clientVersion>>;

type Renderer = ReturnType<typeof compileTemplate> | "json";

function compile(format: string): Renderer | undefined {
  if (format === "") return undefined;
  if (format === "json") return "json";
  try {
    return compileTemplate(format);
  } catch (error) {
    throw failure(`template parsing error: ${textOf(error).replace("template: :", "template: version:")}`, 64);
  }
}

function render(cli: Cli, template: Renderer, Client: ClientVersion, Server: ServerVersion | undefined): string {
  if (template === "json") return `${writeJson({ Client, Server: Server ?? null })}\n`;
  try {
    const data = { Client: withGoNames(Client), Server: Server ? withGoNames(Server) : null };
    const structTypes = new Map<unknown, string>([[data, "system.versionInfo"], [data.Client, "system.clientVersion"], [data.Server, "*types.Version"]]);
    return `${executeTemplate(template, data, { strictKeys: true, structTypes })}\n`;
  } catch (error) {
    cli.console.out("\n");
    throw failure(textOf(error).replace("template: :", "template: version:").replace('executing ""', 'executing "version"'));
  }
}

/** What JSON leaves out where it is nothing. */
const ABSENT: Readonly<Record<string, unknown>> = { GitCommit: "", GoVersion: "", KernelVersion: "", BuildTime: "", Experimental: false };

/** Templates also know what Go calls the members that JSON calls otherwise. */
function withGoNames<T extends { ApiVersion: string; MinAPIVersion?: string }>(version: T): T {
  const absent = Object.fromEntries(Object.entries(ABSENT).filter(([name]) => !Object.hasOwn(version, name)).map(([name, value]) => [name, { value }]));
  return Object.defineProperties({ ...version }, { ...absent, APIVersion: { value: version.ApiVersion }, MinAPIVersion: { value: version.MinAPIVersion ?? "", enumerable: version.MinAPIVersion !== undefined } });
}

function clientText(client: ClientVersion): string {
  const api = client.ApiVersion === client.DefaultAPIVersion ? client.ApiVersion : `${client.ApiVersion} (downgraded from ${client.DefaultAPIVersion})`;
  const lines = [["Version:", client.Version], ["API version:", api], ["OS/Arch:", `${client.Os}/${client.Arch}`], ["Context:", client.Context]];
  return `Client:\n${lines.map(([name, value]) => ` ${name!.padEnd(18)} ${value}\n`).join("")}`;
}

function serverText(server: ServerVersion): string {
  const platform = server.Platform?.Name ? ` ${server.Platform.Name}` : "";
  const components = server.Components ?? [{ Name: "Engine", Version: server.Version, Details: engineDetails(server) }];
  return `\nServer:${platform}\n${components.map((component) => componentText(component)).join("")}`;
}

function engineDetails(server: ServerVersion): Record<string, string> {
  return {
    ApiVersion: server.ApiVersion, MinAPIVersion: server.MinAPIVersion ?? "", GitCommit: server.GitCommit ?? "", GoVersion: server.GoVersion ?? "",
    Os: server.Os ?? "", Arch: server.Arch ?? "", BuildTime: server.BuildTime ?? "", Experimental: String(server.Experimental ?? false),
  };
}

function componentText({ Name, Version, Details }: { Name: string; Version: string; Details?: Record<string, string> | null }): string {
  const lines: [string, string][] = [["Version:", Version]];
  if (Name === "Engine") lines.push(...engineLines(Details ?? {}));
  else lines.push(...Object.entries(Details ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]): [string, string] => [`${key}:`, value]));
  return ` ${Name}:\n${lines.map(([name, value]) => `  ${name.padEnd(17)} ${value}\n`).join("")}`;
}

/** As `date` in C's locale; what is no date stays as it is. */
function dateText(text: string): string {
  const date = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT/.test(text) || Number.isNaN(date.getTime())) return text;
  const [day = "", time = ""] = text.split("T");
  const weekday = date.toLocaleDateString("en", { weekday: "short", timeZone: "UTC" });
  const month = date.toLocaleDateString("en", { month: "short", timeZone: "UTC" });
  return `${weekday} ${month} ${String(Number(day.slice(8))).padStart(2)} ${time.slice(0, 8)} ${day.slice(0, 4)}`;
}

function engineLines(details: Readonly<Record<string, string>>): [string, string][] {
  const at = (name: string) => details[name] ?? "";
  const minimum = at("MinAPIVersion") === "" ? "" : ` (minimum version ${at("MinAPIVersion")})`;
  const lines: [string, string][] = [
    ["API version:", at("ApiVersion") + minimum], ["Go version:", at("GoVersion")], ["Git commit:", at("GitCommit")], ["Built:", dateText(at("BuildTime"))],
    ["OS/Arch:", `${at("Os")}/${at("Arch")}`], ["Experimental:", at("Experimental")],
  ];
  return lines.filter(([name, value]) => value !== "" || name === "Experimental:");
}
