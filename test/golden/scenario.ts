// A scenario is a text file: shell lines in which $D is the client, see scenarios/README.md for the marks.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** compared: what it prints is recorded. quiet: only must succeed. awaited: repeated until it succeeds. */
export type StepKind = "compared" | "quiet" | "awaited";

export interface Expected {
  stdout: string[];
  stderr: string[];
  exitCode: number;
}

export interface Step {
  kind: StepKind;
  command: string;
  lineNumber: number;
  /** Lines come in no order worth keeping. */
  sorted: boolean;
  differs?: Difference;
}

/** On purpose not as Docker has it. */
export interface Difference {
  reason: string;
  /** Instead of what was recorded. */
  expected: Expected;
  /** Only with our own command line: the daemon answers as Docker's does. */
  onlyClient: boolean;
}

export interface Scenario {
  name: string;
  needs: readonly string[];
  steps: readonly Step[];
}

const DIRECTORY = join(import.meta.dir, "scenarios");
const MARKS: Readonly<Record<string, StepKind>> = { $: "compared", "-": "quiet", "~": "awaited" };

export function scenarioNames(): string[] {
  return readdirSync(DIRECTORY).flatMap((file) => (file.endsWith(".scenario") ? [file.slice(0, -".scenario".length)] : [])).toSorted();
}

export function readScenario(name: string): Scenario {
  return parseScenario(name, readFileSync(join(DIRECTORY, `${name}.scenario`), "utf8"));
}

export function parseScenario(name: string, text: string): Scenario {
  const needs: string[] = [];
  const steps: Step[] = [];
  let marks: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const fail = (what: string): never => {
      throw new Error(`${name}.scenario:${index + 1}: ${what}: ${line}`);
    };
    if (line === "" || line.startsWith("#")) continue;
    const [mark = "", rest] = [line[0], line.slice(2)];
    const kind = MARKS[mark];
    const last = steps.at(-1);
    if (kind !== undefined && line[1] === " ") {
      steps.push(makeStep(kind, rest, index + 1, marks));
      marks = [];
    } else if (line.startsWith("  ") && last !== undefined) last.command += `\n${rest}`;
    else if (line.startsWith("needs ")) needs.push(line.slice("needs ".length));
    else if (line.startsWith("[") && line.endsWith("]")) marks.push(line.slice(1, -1));
    else if (last?.differs !== undefined && "|!?".includes(mark)) expect(last.differs.expected, mark, rest);
    else fail("not understood");
  }
  return { name, needs, steps };
}

function makeStep(kind: StepKind, command: string, lineNumber: number, marks: readonly string[]): Step {
  const step: Step = { kind, command, lineNumber, sorted: marks.includes("sorted") };
  for (const mark of marks) {
    const [, berth, reason] = /^(berth )?differs: (.+)$/.exec(mark) ?? [];
    if (reason !== undefined) step.differs = { reason, expected: { stdout: [], stderr: [], exitCode: 0 }, onlyClient: berth !== undefined };
  }
  return step;
}

function expect(expected: Expected, mark: string, text: string): void {
  if (mark === "|") expected.stdout.push(text);
  else if (mark === "!") expected.stderr.push(text);
  else expected.exitCode = Number(text);
}
