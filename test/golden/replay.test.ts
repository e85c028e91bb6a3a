// Every recorded scenario against berth, with Docker's command line and with our own. Needs root.
// One alone: bun test test/golden/replay.test.ts -t 'images-list with docker'
import { afterAll, describe, expect, test } from "bun:test";
import { createLimit } from "../support/limit.ts";
import { hasDockerClient } from "../support/docker-cli.ts";
import { isRoot } from "../support/free-network.ts";
import { readRecorded } from "./recorded.ts";
import { type Client, replay, type Replayed } from "./replay.ts";
import { readScenario, scenarioNames } from "./scenario.ts";

const recorded = scenarioNames().filter((name) => readRecorded(name).length > 0);
const clients: readonly Client[] = hasDockerClient() ? ["docker", "berth"] : ["berth"];
const unrecorded = scenarioNames().filter((name) => !recorded.includes(name));
if (unrecorded.length > 0) process.stderr.write(`golden: not recorded yet: ${unrecorded.join(", ")}\n`);
if (clients.length === 1) process.stderr.write("golden: no docker command on this machine, only berth's own is tested\n");
// a scenario waits more than it works; the time that a test may take includes waiting for its turn
const WAITING_TOO_MS = 900_000;
const limited = createLimit(4);

for (const client of clients) {
  const counts: Record<"scenarios" | "steps" | "failingOnPurpose" | "differingOnPurpose", number> = { scenarios: 0, steps: 0, failingOnPurpose: 0, differingOnPurpose: 0 };
  const count = ({ steps, failingOnPurpose, differingOnPurpose }: Replayed): void => {
    counts.scenarios++;
    counts.steps += steps;
    counts.failingOnPurpose += failingOnPurpose;
    counts.differingOnPurpose += differingOnPurpose;
  };
  afterAll(() => {
    const { scenarios, steps, failingOnPurpose, differingOnPurpose } = counts;
    process.stderr.write(`golden with ${client}: ${scenarios} scenarios, ${steps} steps, ${failingOnPurpose} failing on purpose, ${differingOnPurpose} differing on purpose\n`);
  });
  describe.skipIf(!isRoot)(`with ${client}`, () => {
    for (const name of recorded) {
      // bare requests: the command line makes no difference
      if (client !== clients[0] && readScenario(name).needs.includes("one client")) continue;
      test.concurrent(`${name} with ${client}`, async () => {
        const replayed = await limited(() => replay(name, client));
        count(replayed);
        expect(replayed.differing).toBe("");
      }, WAITING_TOO_MS);
    }
  });
}

test("images and their removal are recorded well enough", () => {
  const steps = recorded.filter((name) => /^(images|disk|seeds)/.test(name)).flatMap(readRecorded);
  expect(steps.length).toBeGreaterThanOrEqual(150);
  expect(steps.filter(({ exitCode }) => exitCode !== 0).length).toBeGreaterThanOrEqual(40);
});

test("containers are recorded well enough", () => {
  const steps = recorded.filter((name) => name.startsWith("container-")).flatMap(readRecorded);
  expect(steps.length).toBeGreaterThanOrEqual(1000);
  expect(steps.filter(({ exitCode }) => exitCode !== 0).length).toBeGreaterThanOrEqual(200);
});
