// The command line's entry: global flags, the command that the words name, its run, and the exit code of the process.
import { processConsole, type Console } from "./console.ts";
import type { Cli, GlobalOptions } from "./context.ts";
import { openClient, type Client } from "./client.ts";
import { ContextStore } from "./context-store.ts";
import { ConfigFile } from "./config-file.ts";
import { configDirectory, resolveEndpoint } from "./endpoint.ts";
import { exitCodeOf, failure, textOf } from "./failure.ts";
import { findCommand, type Found } from "./find-command.ts";
import { parseFlagTable, parseFlags, type Flag, type FlagValues } from "./flags.ts";
import { globalFlags } from "./global-flags.ts";
import { commandHelp, groupHelp, overview, usageLines } from "./help.ts";
import { printHints } from "./hint.ts";

const PROGRAM = "berth";
export const CLI_VERSION = "0.1.0";
const SHORT_HELP_TEXT = "Flag shorthand -h has been deprecated, use --help\n";
const LOG_LEVELS: readonly string[] = ["trace", "debug", "info", "warn", "warning", "error", "fatal", "panic"];

/** Runs one command line and resolves to the exit code. */
export async function runCli(args: readonly string[], console: Console = processConsole(), env: Cli["env"] = process.env): Promise<number> {
  try {
    return await run(args, console, env);
  } catch (error) {
    const text = textOf(error);
    if (text !== "") console.err(`${text}\n`);
    printHints({ console, env }, error);
    return exitCodeOf(error);
  }
}

async function run(args: readonly string[], console: Console, env: Cli["env"]): Promise<number> {
  const direct = findDirectly(args);
  if (direct) return runCommand(direct, openCli(console, env, { configDirectory: configDirectory(env), debug: false }));
  const flags = parseFlagTable(globalFlags(configDirectory(env), env["DOCKER_CERT_PATH"]));
  const { values, args: words } = parseGlobal(flags, args, console);
  if (values.bool("version")) {
    console.out(`${PROGRAM} version ${CLI_VERSION}\n`);
    return 0;
  }
  if (!LOG_LEVELS.includes(values.text("log-level"))) throw failure(`Unable to parse logging level: ${values.text("log-level")}`);
  const wantsHelp = values.bool("help");
  if (wantsHelp && args[0] === "-h") console.err(SHORT_HELP_TEXT);
  if (words.length === 0 || (words[0] === "help" && words.length === 1)) {
    (words.length === 0 && !wantsHelp ? console.err : console.out)(overview(PROGRAM, flags, columnsOf(console)));
    return 0;
  }
  const found = findCommand(words[0] === "help" ? [...words.slice(1), "--help"] : wantsHelp ? [...words, "--help"] : words);
  if (found.kind !== "command") return runWithoutCommand(found, words, console, values, env);
  return runCommand(found, openCli(console, env, globalOptions(values, env)));
}

/** The command, when no global flag stands before it: their table need not be read, which takes a twentieth of `ps`. */
function findDirectly(args: readonly string[]): Extract<Found, { kind: "command" }> | undefined {
  const [first = ""] = args;
  const found = first === "" || first === "help" || first.startsWith("-") ? undefined : findCommand(args);
  return found?.kind === "command" ? found : undefined;
}

function parseGlobal(flags: readonly Flag[], args: readonly string[], console: Console) {
  try {
    let hosts = 0;
    const validators = { host: () => (++hosts > 1 ? "specify only one -H" : undefined) };
    return parseFlags(flags, args, { interspersed: false, validators, warn: (text) => console.err(text) });
  } catch (error) {
    throw failure(`${textOf(error)}\n\nUsage:  ${PROGRAM} [OPTIONS] COMMAND [ARG...]\n\nRun '${PROGRAM} --help' for more information`, exitCodeOf(error));
  }
}

async function runWithoutCommand(found: Exclude<Found, { kind: "command" }>, words: readonly string[], console: Console, values: FlagValues, env: Cli["env"]): Promise<number> {
  if (found.kind === "unknown") {
    if (words[0] === "help") throw failure(`unknown help topic: ${words[1]}`);
    const plugin = await (await import("./plugin.ts")).runPlugin(found.word, found.rest, globalOptions(values, env), env);
    if (plugin !== undefined) return plugin;
    if (asksHelp(words)) {
      console.out(overview(PROGRAM, parseFlagTable(globalFlags(configDirectory(env), env["DOCKER_CERT_PATH"])), columnsOf(console)));
      return 0;
    }
    throw failure(`${PROGRAM}: unknown command: ${PROGRAM} ${found.word}\n\nRun '${PROGRAM} --help' for more information`);
  }
  const [word] = found.rest;
  if (word === undefined || word === "help" || asksHelp(found.rest)) {
    (word === undefined ? console.err : console.out)(groupHelp(PROGRAM, found.group));
    return 0;
  }
  const path = `${PROGRAM} ${found.group}`;
  if (word.startsWith("-")) throw failure(`unknown ${word.startsWith("--") ? `flag: ${word}` : `shorthand flag: '${word[1]}' in ${word}`}\n\nUsage:  ${path}\n\nRun '${path} --help' for more information`, 125);
  throw failure(`${PROGRAM}: unknown command: ${path} ${word}\n\nUsage:  ${path}\n\nRun '${path} --help' for more information`);
}

/** Docker shows the nearest help whatever else the words say. */
function asksHelp(words: readonly string[]): boolean {
  return words.includes("--help") || words.includes("-h");
}

async function runCommand(found: Extract<Found, { kind: "command" }>, cli: Cli): Promise<number> {
  const { entry, path, rest } = found;
  const { command } = await entry.load();
  const flags = parseFlagTable(command.flags ?? "");
  const usage = () => `Usage:  ${usageLines(PROGRAM, path, entry)}\n\n`;
  const taken = flags.some((flag) => flag.short === "h");
  // shown where -h means something else
  flags.push(...parseFlagTable(`${taken ? "" : "~"}--help  Print usage`));
  const before = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
  const wantsHelp = (words: readonly string[]) => words.includes("--help") || (!taken && words.includes("-h"));
  if (wantsHelp(command.interspersed === false ? leadingFlags(before, flags) : before)) {
    if (!before.includes("--help")) cli.console.err(SHORT_HELP_TEXT);
    cli.console.out(commandHelp(PROGRAM, path, entry, command, flags, columnsOf(cli.console)));
    return 0;
  }
  const parsed = tryParse(() => parseFlags(flags, rest, { interspersed: command.interspersed ?? true, validators: command.validators, warn: (text) => cli.console.err(text) }), usage, path);
  const bare = command.args.bare?.(parsed.args.length);
  if (bare !== undefined) throw failure(bare);
  const complaint = command.args.check(parsed.args.length);
  if (complaint !== undefined) {
    throw failure(`${PROGRAM}: '${PROGRAM} ${path}' ${complaint}\n\n${usage()}${command.args.seeAlso ? "See" : "Run"} '${PROGRAM} ${path} --help' for more information`);
  }
  return (await command.run(cli, { path, args: parsed.args, flags: parsed.values })) ?? 0;
}

function tryParse<T>(parse: () => T, usage: () => string, path: string): T {
  try {
    return parse();
  } catch (error) {
    throw failure(`${textOf(error)}\n\n${usage()}Run '${PROGRAM} ${path} --help' for more information`, exitCodeOf(error));
  }
}

/** The words before the first argument: `run IMAGE cmd --help` asks the command, not us. */
function leadingFlags(words: readonly string[], flags: readonly Flag[]): readonly string[] {
  let index = 0;
  while (index < words.length && words[index]!.startsWith("-")) {
    const word = words[index]!;
    const flag = flags.find((candidate) => word === `--${candidate.name}` || (candidate.short && !word.startsWith("--") && word.endsWith(candidate.short)));
    index += flag && flag.type !== "" && !word.includes("=") ? 2 : 1;
  }
  return words.slice(0, index);
}

function columnsOf(console: Console): number {
  return console.size("in")?.columns ?? 80;
}

export function globalOptions(values: FlagValues, env: Cli["env"]): GlobalOptions {
  const tlsAsked = values.has("tlsverify") || values.bool("tls");
  const tls = { verify: values.bool("tlsverify"), caFile: values.optional("tlscacert") ?? "", certFile: values.optional("tlscert") ?? "", keyFile: values.optional("tlskey") ?? "" };
  return {
    host: values.optional("host"),
    context: values.optional("context"),
    configDirectory: values.optional("config") ?? configDirectory(env),
    debug: values.bool("debug"),
    ...(tlsAsked ? { tls } : {}),
  };
}

/** Builds what commands get; the connection is made when it is first used. */
export function openCli(console: Console, env: Cli["env"], global: GlobalOptions): Cli {
  let config: ConfigFile | undefined;
  let client: Client | undefined;
  const cli: Cli = {
    console,
    env,
    program: PROGRAM,
    global,
    client: () => (client ??= openClient({ endpoint: resolveEndpoint(cli), headers: headersOf(cli), fixedVersion: env["DOCKER_API_VERSION"]?.replace(/^v/, "") || undefined })),
    config: () => (config ??= ConfigFile.read(global.configDirectory, (text) => console.err(text))),
    contexts: () => new ContextStore(global.configDirectory),
  };
  return cli;
}

function headersOf(cli: Cli): Record<string, string> {
  const headers: Record<string, string> = { "User-Agent": `Berth-Client/${CLI_VERSION} (${process.platform})` };
  for (const [name, value] of Object.entries(cli.config().record<string>("HttpHeaders"))) if (name.toLowerCase() !== "user-agent") headers[name] = value;
  for (const pair of (cli.env["DOCKER_CUSTOM_HEADERS"] ?? "").split(",")) {
    const equals = pair.indexOf("=");
    if (equals > 0) headers[pair.slice(0, equals).trim()] = pair.slice(equals + 1);
  }
  return headers;
}
