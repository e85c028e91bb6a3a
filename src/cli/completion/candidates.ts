// Words before the cursor → what may come next: commands, flags, values of flags, names of objects.
import { BEYOND, COMMANDS, GROUPS } from "../commands.ts";
import type { Command, CommandEntry, CompletionKind } from "../command.ts";
import type { Cli } from "../context.ts";
import { configDirectory } from "../endpoint.ts";
import { commandsOf, findCommand, verbOf } from "../find-command.ts";
import { parseFlagTable, type Flag } from "../flags.ts";
import { globalFlags } from "../global-flags.ts";
import { namesOf } from "./names.ts";

export interface Candidate {
  readonly word: string;
  readonly text?: string;
}

export const FILES: readonly Candidate[] = [{ word: ":files" }];

export async function candidatesOf(cli: Cli, words: readonly string[], current: string): Promise<readonly Candidate[]> {
  const outerFlags = parseFlagTable(globalFlags(configDirectory(cli.env)));
  const { rest, pending } = skipFlags(outerFlags, words);
  if (pending) return valuesOf(cli, "", pending);
  if (rest.length === 0) return current.startsWith("-") ? flagWords(outerFlags) : topLevel();
  const found = findCommand(rest);
  if (found.kind === "unknown") return [];
  if (found.kind === "group") return found.rest.length > 0 ? [] : commandsOf(found.group).map((entry) => ({ word: verbOf(entry), text: entry.short }));
  return ofCommand(cli, found.entry, found.rest, current);
}

function topLevel(): readonly Candidate[] {
  const entries = COMMANDS.filter((entry) => !entry.hidden && (entry.shortcut !== undefined || !entry.path.includes(" ")));
  const words = entries.map((entry) => ({ word: entry.shortcut ?? entry.path, text: entry.short }));
  const groups = Object.entries(GROUPS).map(([word, text]) => ({ word, text }));
  return [...words, ...groups, { word: "daemon", text: "Run the engine" }].toSorted((a, b) => rank(a.word) - rank(b.word) || (a.word < b.word ? -1 : 1));
}

/** The everyday words first. */
function rank(word: string): number {
  return BEYOND.includes(word) ? 1 : 0;
}

async function ofCommand(cli: Cli, entry: CommandEntry, words: readonly string[], current: string): Promise<readonly Candidate[]> {
  const { command } = await entry.load();
  const flags = [...parseFlagTable(command.flags ?? ""), ...parseFlagTable("--help  Print usage")];
  const { rest, pending } = skipFlags(flags, words, command.interspersed ?? true);
  if (pending) return valuesOf(cli, entry.path, pending);
  const beforeArguments = rest.length === 0 || command.interspersed !== false;
  if (current.startsWith("-") && beforeArguments) return current.includes("=") ? flagValues(cli, entry.path, flags, current) : flagWords(flags);
  return argumentsOf(cli, command, rest, current);
}

async function argumentsOf(cli: Cli, command: Command, given: readonly string[], current: string): Promise<readonly Candidate[]> {
  if (command.interspersed === false && given.length > 0) return FILES; // the container's own command
  if (command.args.check(given.length + 1) !== undefined && command.args.check(given.length) === undefined) return []; // one more would be too many
  if (command.completes === undefined) return [];
  const names = await namesOf(cli, command.completes, current);
  return names === undefined ? FILES : names.filter(({ word }) => !given.includes(word));
}

/** Arguments among the words, and the flag that waits for its value. */
function skipFlags(flags: readonly Flag[], words: readonly string[], interspersed = false): { rest: readonly string[]; pending?: Flag } {
  const rest: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (word === "--" || (rest.length > 0 && !interspersed)) return { rest: [...rest, ...words.slice(word === "--" ? index + 1 : index)] };
    if (!word.startsWith("-")) {
      rest.push(word);
      continue;
    }
    const flag = word.includes("=") ? undefined : flagOf(flags, word);
    if (flag === undefined || flag.type === "") continue;
    if (index === words.length - 1) return { rest, pending: flag };
    index++;
  }
  return { rest };
}

function flagOf(flags: readonly Flag[], word: string): Flag | undefined {
  if (word.startsWith("--")) return flags.find((flag) => word === `--${flag.name}`);
  return flags.find((flag) => flag.short !== undefined && word.endsWith(flag.short));
}

/** `--network=br`: the values with the flag before them. */
async function flagValues(cli: Cli, path: string, flags: readonly Flag[], current: string): Promise<readonly Candidate[]> {
  const head = current.slice(0, current.indexOf("=") + 1);
  const flag = flags.find(({ name }) => head === `--${name}=`);
  if (flag === undefined) return [];
  return (await valuesOf(cli, path, flag)).map(({ word, text }) => (word === ":files" ? { word } : { word: head + word, text }));
}

function flagWords(flags: readonly Flag[]): readonly Candidate[] {
  return flags.filter((flag) => !flag.hidden).map((flag) => ({ word: `--${flag.name}`, text: flag.text.split("\n")[0]! })).toSorted((a, b) => (a.word < b.word ? -1 : 1));
}

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  restart: ["no", "always", "unless-stopped", "on-failure"],
  pull: ["always", "missing", "never"],
  attach: ["stdin", "stdout", "stderr"],
  "log-level": ["debug", "info", "warn", "error", "fatal"],
  "log-driver": ["json-file", "local", "none"],
  type: ["container", "image", "network", "volume"],
  format: ["json", "table"],
  sort: ["created", "size", "used", "name"],
  ipc: ["host", "none", "private", "shareable"],
  cgroupns: ["host", "private"],
};

const KINDS: Readonly<Record<string, CompletionKind>> = {
  context: "contexts", from: "contexts", network: "networks", link: "containers", "volumes-from": "containers", volume: "volumes",
};

async function valuesOf(cli: Cli, path: string, flag: Flag): Promise<readonly Candidate[]> {
  if (flag.name === "pull" && flag.type === "") return [];
  const choices = CHOICES[flag.name];
  if (choices && !(flag.name === "attach" && path === "container attach")) return choices.map((word) => ({ word }));
  const kind = KINDS[flag.name];
  return kind === undefined ? FILES : ((await namesOf(cli, kind, "")) ?? FILES);
}
