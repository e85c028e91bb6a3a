// Words of the command line → the command they name, and the words left for it.
import { COMMANDS, GROUPS } from "./commands.ts";
import type { CommandEntry } from "./command.ts";

export type Found =
  | { readonly kind: "command"; readonly entry: CommandEntry; readonly path: string; readonly rest: readonly string[] }
  /** A noun alone, or with a verb it does not have. */
  | { readonly kind: "group"; readonly group: string; readonly rest: readonly string[] }
  | { readonly kind: "unknown"; readonly word: string; readonly rest: readonly string[] };

export function findCommand(words: readonly string[]): Found {
  const [first = "", second = "", ...rest] = words;
  const entry = COMMANDS.find((candidate) => candidate.shortcut === first || candidate.path === first);
  if (entry) return { kind: "command", entry, path: first, rest: words.slice(1) };
  if (!Object.hasOwn(GROUPS, first)) return { kind: "unknown", word: first, rest: words.slice(1) };
  const verb = COMMANDS.find((candidate) => belongsTo(candidate, first) && verbNames(candidate).includes(second));
  if (verb) return { kind: "command", entry: verb, path: `${first} ${verbOf(verb)}`, rest };
  return { kind: "group", group: first, rest: words.slice(1) };
}

export function commandsOf(group: string): readonly CommandEntry[] {
  return COMMANDS.filter((entry) => belongsTo(entry, group) && !entry.hidden);
}

function belongsTo(entry: CommandEntry, group: string): boolean {
  return entry.path.startsWith(`${group} `);
}

export function verbOf(entry: CommandEntry): string {
  return entry.path.slice(entry.path.lastIndexOf(" ") + 1);
}

function verbNames(entry: CommandEntry): readonly string[] {
  return [verbOf(entry), ...(entry.aliases ?? [])];
}

/** All full names of a command, as `Aliases:` lists them. */
export function namesOf(entry: CommandEntry): readonly string[] {
  const group = entry.path.includes(" ") ? entry.path.slice(0, entry.path.lastIndexOf(" ")) : "";
  const names = verbNames(entry).map((verb) => (group === "" ? verb : `${group} ${verb}`));
  return entry.shortcut ? [...names, entry.shortcut] : names;
}
