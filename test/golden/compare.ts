// Says step by step where two runs of a scenario part; empty when they don't.
import type { Expected, Scenario, Step } from "./scenario.ts";
import type { Outcome } from "./run-scenario.ts";

/** Who was seen: the real Docker, or berth through one of the two command lines. */
export type Seen = "real" | "docker" | "berth";

export function differences(scenario: Scenario, recorded: readonly Outcome[], seen: readonly Outcome[], who: Seen): string {
  const steps = scenario.steps.filter(({ kind }) => kind === "compared");
  const found: string[] = [];
  for (const [index, step] of steps.entries()) {
    const [then, now] = [recorded[index], seen[index]];
    const where = `${scenario.name}.scenario:${step.lineNumber}: $ ${step.command}`;
    if (then?.step !== step.command) return [...found, `${where}\n  was not recorded so: record the scenario again`].join("\n");
    if (now === undefined) return [...found, `${where}\n  did not run`].join("\n");
    const lines = compareStep(purposeOf(step, who) ?? then, now);
    if (lines.length > 0) found.push([where, ...lines].join("\n"));
  }
  return found.join("\n");
}

function purposeOf({ differs }: Step, who: Seen): Expected | undefined {
  return differs === undefined || who === "real" || (differs.onlyClient && who !== "berth") ? undefined : differs.expected;
}

function compareStep(expected: Expected, seen: Expected): string[] {
  const lines: string[] = [];
  if (expected.exitCode !== seen.exitCode) lines.push(`  exit code: expected ${expected.exitCode}, got ${seen.exitCode}`);
  for (const stream of ["stdout", "stderr"] as const) {
    if (expected[stream].join("\n") !== seen[stream].join("\n")) lines.push(`  ${stream}:`, ...diffLines(expected[stream], seen[stream]));
  }
  return lines;
}

/** `-` expected, `+` seen, by the longest common subsequence. */
function diffLines(expected: readonly string[], seen: readonly string[]): string[] {
  const lengths = Array.from({ length: expected.length + 1 }, () => Array.from({ length: seen.length + 1 }, () => 0));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = expected.length - 1; i >= 0; i--) {
    for (let j = seen.length - 1; j >= 0; j--) (lengths[i] ?? [])[j] = expected[i] === seen[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const lines: string[] = [];
  for (let i = 0, j = 0; i < expected.length || j < seen.length; ) {
    if (i < expected.length && j < seen.length && expected[i] === seen[j]) {
      lines.push(`      ${expected[i++]}`);
      j++;
    } else if (i < expected.length && (j >= seen.length || at(i + 1, j) >= at(i, j + 1))) lines.push(`    - ${expected[i++]}`);
    else lines.push(`    + ${seen[j++]}`);
  }
  return lines;
}
