// Flag tables and their parsing, as pflag does it: short clusters, --flag=value, --, interspersed or not.
// A table is text, one flag a line as `--help` shows it: `-a, --all  Show all` or `--format string  Format`.
// A leading `~` hides a flag, a leading `+` says that Docker has it not; `~old=new` makes a hidden alias; `~old=new!` says on stderr that it is deprecated,
// and so does a text that ends in `(deprecated: use --new instead)`.
import { failure } from "./failure.ts";
import { checkFlagValue, parseBool } from "./flag-values.ts";

export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** "" for a switch. */
  readonly type: string;
  readonly text: string;
  readonly preset?: string;
  readonly hidden: boolean;
  /** berth's own: shown apart from Docker's. */
  readonly own: boolean;
  readonly aliasOf?: string;
  readonly deprecated?: string;
}

/** Returns the complaint, or undefined when the value is fine. */
export type FlagValidator = (value: string) => string | undefined;

// a regular expression takes as long to build as a whole table to be read by hand: these are for the lines that need them
const ALIAS = /^~([\w-]+)=([\w-]+)(!?)$/;
const DEPRECATED = /\(deprecated: (use --\S+ instead)\)$/;
const PRESET = /\(default ("?)(.*?)\1\)$/;

const FORMAT_TEXT = [
  "Format output using a custom template:",
  "'table':            Print output in table format with column headers (default)",
  "'table TEMPLATE':   Print output in table format using the given Go template",
  "'json':             Print in JSON format",
  "'TEMPLATE':         Print output using the given Go template.",
  "Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates",
].join("\n");
const INSPECT_FORMAT_TEXT = [FORMAT_TEXT.split("\n")[0], ...FORMAT_TEXT.split("\n").slice(3)].join("\n");

/** Parses a table; lines that start with two spaces continue the text above. */
export function parseFlagTable(table: string): Flag[] {
  const flags: Flag[] = [];
  for (const line of table.split("\n")) {
    if (line.trim() === "") continue;
    const alias = line.startsWith("~") && line.includes("=") ? ALIAS.exec(line) : null;
    const last = flags.at(-1);
    if (alias) flags.push(aliasFlag(alias, flags));
    else if (line.startsWith(" ") && last) flags[flags.length - 1] = withText(last, `${last.text}\n${line.slice(2)}`);
    else flags.push(flagOf(line));
  }
  return flags;
}

function flagOf(line: string): Flag {
  const mark = line.startsWith("~") || line.startsWith("+") ? line[0] : "";
  const gap = line.indexOf("  ");
  const text = gap < 0 ? "" : line.slice(gap).trimStart().replace("{format}", FORMAT_TEXT).replace("{inspect}", INSPECT_FORMAT_TEXT);
  let names = line.slice(mark === "" ? 0 : 1, gap < 0 ? undefined : gap);
  const short = names[0] === "-" && names.startsWith(", --", 2) ? names[1] : undefined;
  if (short !== undefined) names = names.slice(4);
  const [name = "", type = "", ...more] = names.slice(2).split(" ");
  if (!names.startsWith("--") || name === "" || more.length > 0) throw new Error(`not a flag: ${line}`);
  return withText({ name, short, type, text, hidden: mark === "~", own: mark === "+" }, text);
}

function withText(flag: Flag, text: string): Flag {
  const preset = text.includes("(default ") ? PRESET.exec(text.slice(text.lastIndexOf("\n") + 1)) : null;
  return { ...flag, text, preset: preset?.[2], deprecated: text.includes("(deprecated: ") ? DEPRECATED.exec(text)?.[1] : undefined };
}

function aliasFlag(match: RegExpExecArray, flags: readonly Flag[]): Flag {
  const target = flags.find((flag) => flag.name === match[2]);
  if (!target) throw new Error(`alias of no flag: ${match[0]}`);
  return { name: match[1]!, type: target.type, text: target.text, hidden: true, own: false, aliasOf: target.name, deprecated: match[3] ? `use --${target.name} instead` : undefined };
}

/** Types whose flag may be given many times; all others keep the last value. */
const LIST_TYPES = new Set(["list", "filter", "map", "mount", "network", "ulimit", "gpu-request", "stringArray", "strings", "stringSlice", "stringToString"]);

/** The values of one command line. Asking for a flag that the table lacks is a bug. */
export class FlagValues {
  readonly #flags: ReadonlyMap<string, Flag>;
  readonly #given = new Map<string, string[]>();

  constructor(flags: readonly Flag[]) {
    this.#flags = new Map(flags.map((flag) => [flag.name, flag]));
  }

  set(flag: Flag, value: string): void {
    const name = flag.aliasOf ?? flag.name;
    const earlier = this.#given.get(name);
    if (earlier && LIST_TYPES.has(flag.type)) earlier.push(value);
    else this.#given.set(name, [value]);
  }

  /** Whether the flag was on the command line. */
  has(name: string): boolean {
    this.#flag(name);
    return this.#given.has(name);
  }

  text(name: string): string {
    const flag = this.#flag(name);
    return this.#given.get(name)?.at(-1) ?? flag.preset ?? "";
  }

  optional(name: string): string | undefined {
    this.#flag(name);
    return this.#given.get(name)?.at(-1);
  }

  bool(name: string): boolean {
    return parseBool(this.text(name)) ?? false;
  }

  number(name: string): number {
    return Number(this.text(name) || "0");
  }

  list(name: string): readonly string[] {
    this.#flag(name);
    return this.#given.get(name) ?? [];
  }

  names(): readonly string[] {
    return [...this.#given.keys()];
  }

  #flag(name: string): Flag {
    const flag = this.#flags.get(name);
    if (!flag) throw new Error(`flag --${name} is not in the table`);
    return flag;
  }
}

export interface ParseOptions {
  readonly interspersed: boolean;
  readonly validators?: Readonly<Record<string, FlagValidator>>;
  /** Where `Flag --x has been deprecated` goes. */
  warn(text: string): void;
}

export interface Parsed {
  readonly values: FlagValues;
  readonly args: string[];
}

/** Parses arguments; throws `failure(text, 125)`. */
export function parseFlags(flags: readonly Flag[], argv: readonly string[], options: ParseOptions): Parsed {
  const values = new FlagValues(flags);
  const args: string[] = [];
  const rest = [...argv];
  while (rest.length > 0) {
    const word = rest.shift()!;
    if (word === "--") {
      args.push(...rest.splice(0));
    } else if (word.startsWith("--")) {
      parseLong(flags, word, rest, values, options);
    } else if (word.startsWith("-") && word.length > 1) {
      parseCluster(flags, word, rest, values, options);
    } else {
      args.push(word);
      if (!options.interspersed) args.push(...rest.splice(0));
    }
  }
  return { values, args };
}

function parseLong(flags: readonly Flag[], word: string, rest: string[], values: FlagValues, options: ParseOptions): void {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
  if (name === "" || name.startsWith("-")) throw failure(`bad flag syntax: ${word}`, 125);
  const flag = flags.find((candidate) => candidate.name === name);
  if (!flag) throw failure(`unknown flag: --${name}`, 125);
  let value: string | undefined;
  if (equals >= 0) value = word.slice(equals + 1);
  else if (flag.type === "") value = "true";
  else value = rest.shift();
  if (value === undefined) throw failure(`flag needs an argument: --${name}`, 125);
  assign(flag, value, values, options);
}

function parseCluster(flags: readonly Flag[], word: string, rest: string[], values: FlagValues, options: ParseOptions): void {
  let letters = word.slice(1);
  while (letters !== "") {
    const letter = letters[0]!;
    const tail = letters.slice(1);
    const flag = flags.find((candidate) => candidate.short === letter);
    if (!flag) throw failure(`unknown shorthand flag: '${letter}' in -${letters}`, 125);
    if (tail.startsWith("=") && letters.length > 2) {
      assign(flag, tail.slice(1), values, options);
      return;
    }
    if (flag.type === "") {
      assign(flag, "true", values, options);
      letters = tail;
      continue;
    }
    const value = tail !== "" ? tail : rest.shift();
    if (value === undefined) throw failure(`flag needs an argument: '${letter}' in -${letters}`, 125);
    assign(flag, value, values, options);
    return;
  }
}

function assign(flag: Flag, value: string, values: FlagValues, options: ParseOptions): void {
  const complaint = checkFlagValue(flag.type, value) ?? options.validators?.[flag.aliasOf ?? flag.name]?.(value);
  if (complaint !== undefined) {
    const shown = flag.short ? `-${flag.short}, --${flag.name}` : `--${flag.name}`;
    throw failure(`invalid argument ${JSON.stringify(value)} for "${shown}" flag: ${complaint}`, 125);
  }
  if (flag.deprecated) options.warn(`Flag --${flag.name} has been deprecated, ${flag.deprecated}\n`);
  values.set(flag, value);
}
