// docs/differences.md says everything that the scenarios have as different on purpose.
import { expect, test } from "bun:test";
import { readReasons, writtenReasons } from "./differences.ts";
import { readRecorded, recordedNames } from "./recorded.ts";
import { readScenario, scenarioNames } from "./scenario.ts";

test("docs/differences.md has every reason: ./dev differences writes them", () => {
  const written = writtenReasons();
  expect([...readReasons().keys()].filter((reason) => !written.includes(`- ${reason}`))).toEqual([]);
});

test("what is recorded has a scenario", () => {
  expect(recordedNames().filter((name) => !scenarioNames().includes(name))).toEqual([]);
});

test("a step that differs on purpose says what is expected, and not what Docker says", () => {
  for (const name of recordedNames()) {
    const recorded = readRecorded(name);
    for (const [index, { differs, command }] of readScenario(name).steps.filter(({ kind }) => kind === "compared").entries()) {
      if (differs === undefined) continue;
      const { stdout, stderr, exitCode } = recorded[index] ?? { stdout: [], stderr: [], exitCode: -1 };
      expect({ name, command, expected: differs.expected }).not.toEqual({ name, command, expected: { stdout, stderr, exitCode } });
    }
  }
});
