// Commands as data: what a command is made of, how it is found, and the rules for its number of arguments.
import type { Cli } from "./context.ts";
import type { FlagValues, FlagValidator } from "./flags.ts";

export interface Invocation {
  /** The command as typed: `container ls` or `ps`. */
  readonly path: string;
  readonly args: readonly string[];
  readonly flags: FlagValues;
}

export interface Command {
  readonly args: ArgumentRule;
  /** The flag table, one flag a line, as `--help` prints it; see flags.ts. */
  readonly flags?: string;
  /** What `--help` says instead of the one line of the table. */
  readonly long?: string;
  /** false: flags end at the first argument (run, exec). */
  readonly interspersed?: false;
  /** Checked while parsing, so that the error names the flag. */
  readonly validators?: Readonly<Record<string, FlagValidator>>;
  /** What the shell may complete an argument with. */
  readonly completes?: CompletionKind;
  /** Resolves to the exit code, undefined for 0. */
  run(cli: Cli, invocation: Invocation): Promise<number | void>;
}

export type CompletionKind = "containers" | "running" | "stopped" | "images" | "networks" | "volumes" | "contexts" | "objects" | "files";

/** One line of the command table. The command itself is loaded when it is called. */
export interface CommandEntry {
  /** `container ls` */
  readonly path: string;
  readonly short: string;
  /** What follows the path in the usage line; several forms are given one a line. */
  readonly usage: string;
  /** Further names under the same parent: `list`, `ps`. */
  readonly aliases?: readonly string[];
  /** The same command without its noun: `ps`. */
  readonly shortcut?: string;
  readonly hidden?: true;
  load(): Promise<{ command: Command }>;
}

export interface ArgumentRule {
  /** The complaint after `'docker x'`, or undefined if the number fits. */
  check(count: number): string | undefined;
  /** Docker words the line after the usage differently for minimums. */
  readonly seeAlso?: true;
  /** The complaint is all there is to say. */
  readonly bare?: (count: number) => string | undefined;
}

const plural = (count: number) => (count === 1 ? "argument" : "arguments");

export const noArguments: ArgumentRule = { check: (count) => (count > 0 ? "accepts no arguments" : undefined) };
export const anyArguments: ArgumentRule = { check: () => undefined };

export function exactly(wanted: number): ArgumentRule {
  return { check: (count) => (count === wanted ? undefined : `requires ${wanted} ${plural(wanted)}`) };
}

export function atLeast(wanted: number): ArgumentRule {
  return { check: (count) => (count >= wanted ? undefined : `requires at least ${wanted} ${plural(wanted)}`), seeAlso: true };
}

export function atMost(wanted: number): ArgumentRule {
  return { check: (count) => (count <= wanted ? undefined : `requires at most ${wanted} ${plural(wanted)}`) };
}

export function between(least: number, most: number): ArgumentRule {
  return { check: (count) => (count >= least && count <= most ? undefined : `requires at least ${least} and at most ${most} ${plural(most)}`) };
}

/** As the few commands have it that leave the check to Docker's framework. */
export function exactArgs(wanted: number): ArgumentRule {
  return { check: () => undefined, bare: (count) => (count === wanted ? undefined : `accepts ${wanted} arg(s), received ${count}`) };
}
