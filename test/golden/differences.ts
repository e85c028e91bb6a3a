// The second half of docs/differences.md: every reason for which a step of a scenario differs from Docker on purpose.
// Written by `./dev differences`.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readScenario, scenarioNames } from "./scenario.ts";

const FILE = join(import.meta.dir, "../../docs/differences.md");
const MARK = "<!-- What follows is written by `./dev differences` from the marks in test/golden/scenarios. -->\n";

interface Reason {
  onlyClient: boolean;
  /** Scenario → the first command that differs so. */
  where: Map<string, string>;
}

export function readReasons(): Map<string, Reason> {
  const reasons = new Map<string, Reason>();
  for (const name of scenarioNames()) {
    for (const { command, differs } of readScenario(name).steps) {
      if (differs === undefined) continue;
      const reason = reasons.get(differs.reason) ?? { onlyClient: true, where: new Map() };
      reason.onlyClient &&= differs.onlyClient;
      if (!reason.where.has(name)) reason.where.set(name, command);
      reasons.set(differs.reason, reason);
    }
  }
  return reasons;
}

function listedReasons(): string {
  const lines = [...readReasons()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([text, { onlyClient, where }]) => `- ${text}${onlyClient ? " (berth's command line only)" : ""}: ${[...where].map(([name, command]) => `${name}, \`\`${shortened(command)}\`\``).join("; ")}\n`);
  return `${MARK}\n${lines.join("")}`;
}

function shortened(command: string): string {
  const line = command.split("\n")[0]!.replaceAll("$D", "docker").replaceAll("`", "'");
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}

/** What the file has of them. */
export function writtenReasons(): string {
  const text = readFileSync(FILE, "utf8");
  return text.slice(text.indexOf(MARK));
}

if (import.meta.main) {
  const text = readFileSync(FILE, "utf8");
  writeFileSync(FILE, text.slice(0, text.indexOf(MARK)) + listedReasons());
}
