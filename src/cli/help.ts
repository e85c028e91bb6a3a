// `--help`: usage, flags and command lists in Docker's layout, wrapped to the terminal as pflag wraps.
import { BEYOND, COMMANDS, COMMON, GROUPS } from "./commands.ts";
import type { Command, CommandEntry } from "./command.ts";
import { commandsOf, namesOf, verbOf } from "./find-command.ts";
import type { Flag } from "./flags.ts";

export function usageLines(program: string, path: string, entry: CommandEntry): string {
  const [first = "", ...others] = entry.usage.split("\n");
  // the further forms are always written with the short name
  return [`${program} ${path} ${first}`, ...others.map((usage) => `${program} ${entry.shortcut ?? path} ${usage}`)].map((line) => line.trimEnd()).join("\n\t");
}

export function commandHelp(program: string, path: string, entry: CommandEntry, command: Command, flags: readonly Flag[], columns: number): string {
  const names = namesOf(entry);
  const aliases = names.length > 1 ? `\nAliases:\n  ${names.map((name) => `${program} ${name}`).join(", ")}\n` : "";
  // with nothing of Docker's beside them they need no heading of their own
  const beyond = BEYOND.includes(path) ? [] : flags.filter((flag) => flag.own);
  const blocks = optionBlock("Options", flags.filter((flag) => !beyond.includes(flag)), columns) + optionBlock("Options beyond Docker", beyond, columns);
  return `Usage:  ${usageLines(program, path, entry)}\n\n${command.long ?? entry.short}\n${aliases}${blocks}`;
}

function optionBlock(title: string, flags: readonly Flag[], columns: number): string {
  return flags.some((flag) => !flag.hidden) ? `\n${title}:\n${flagUsages(flags, columns)}\n` : "";
}

export function groupHelp(program: string, group: string): string {
  const lines = commandsOf(group).map((entry) => [verbOf(entry), entry.short] as const);
  return (
    `Usage:  ${program} ${group} COMMAND\n\n${GROUPS[group]}\n\nCommands:\n${commandList(lines)}\n` +
    `Run '${program} ${group} COMMAND --help' for more information on a command.\n`
  );
}

export function overview(program: string, globalFlags: readonly Flag[], columns: number): string {
  const topLevel = COMMANDS.filter((entry) => !entry.hidden && (entry.shortcut !== undefined || !entry.path.includes(" ")));
  const pick = (names: readonly string[]) => names.flatMap((name) => topLevel.filter((entry) => nameOf(entry) === name)).map((entry) => [nameOf(entry), entry.short] as const);
  const others = topLevel.map(nameOf).filter((name) => !COMMON.includes(name) && !BEYOND.includes(name)).toSorted();
  const groups = Object.entries(GROUPS).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return (
    `Usage:  ${program} [OPTIONS] COMMAND\n\nContainers, and what every byte on the disk is for\n\n` +
    `Common Commands:\n${commandList(pick(COMMON))}\nManagement Commands:\n${commandList(groups)}\n` +
    `Removal and Space:\n${commandList(pick(BEYOND))}\nCommands:\n${commandList(pick(others))}\n` +
    `Global Options:\n${flagUsages(globalFlags, columns)}\n\n` +
    `Run '${program} COMMAND --help' for more information on a command.\n`
  );
}

function commandList(entries: readonly (readonly [string, string])[]): string {
  const width = Math.max(11, ...entries.map(([name]) => name.length));
  return entries.map(([name, short]) => `  ${name.padEnd(width)} ${short}\n`).join("");
}

/** The flag block: names in one column, texts wrapped in the other. */
export function flagUsages(flags: readonly Flag[], terminalColumns: number): string {
  const columns = terminalColumns - 1;
  const shown = flags.filter((flag) => !flag.hidden).toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const heads = shown.map((flag) => `${flag.short ? `  -${flag.short}, ` : "      "}--${flag.name}${flag.type === "" ? "" : ` ${flag.type}`}`);
  const width = Math.max(...heads.map((head) => head.length)) + 3;
  return shown.map((flag, index) => (heads[index]!.padEnd(width) + wrapText(flag.text, width, columns)).trimEnd()).join("\n");
}

const SLOP = 5;
const LEAST = 24;

/** Wraps at `columns`, lines after the first indented; lines may run over by a few letters rather than leave an orphan. */
export function wrapText(text: string, indent: number, columns: number): string {
  let margin = indent;
  let lead = "";
  if (columns - margin < LEAST) {
    margin = 16;
    lead = `\n${" ".repeat(margin)}`;
  }
  if (columns - margin < LEAST) return text.replaceAll("\n", lead);
  const width = columns - margin - SLOP;
  const lines: string[] = [];
  let rest = text;
  while (rest !== "") {
    const [line, tail] = cutLine(rest, width);
    lines.push(line);
    rest = tail;
  }
  return lead + lines.join("\n").replaceAll("\n", `\n${" ".repeat(margin)}`);
}

function cutLine(text: string, width: number): [string, string] {
  if (width + SLOP > text.length) return [text, ""];
  const head = text.slice(0, width);
  const space = Math.max(head.lastIndexOf(" "), head.lastIndexOf("\t"), head.lastIndexOf("\n"));
  if (space <= 0) return [text, ""];
  const newline = head.lastIndexOf("\n");
  const cut = newline > 0 && newline < space ? newline : space;
  return [text.slice(0, cut), text.slice(cut + 1)];
}

const nameOf = (entry: CommandEntry) => entry.shortcut ?? entry.path;
