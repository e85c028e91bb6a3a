// Runs a scenario with one client against one engine.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeBaseImage } from "../support/base-image.ts";
import { poll } from "../support/poll.ts";
import { startRegistry } from "../support/registry.ts";
import { Normaliser } from "./normalise.ts";
import type { Expected, Scenario, Step } from "./scenario.ts";
import { Shell, type StepResult } from "./shell.ts";

export interface Setting {
  /** unix://… of the engine. */
  host: string;
  /** The client: program and first arguments. */
  client: readonly string[];
  /** What the client calls itself. */
  clientName: string;
  dataRoot: string;
  /** Before the shell's command: into the engine's network namespace. */
  enter: readonly string[];
}

export interface Outcome extends Expected {
  step: string;
}

/** Outcomes of the compared steps, in their order. */
export async function runScenario(scenario: Scenario, setting: Setting): Promise<Outcome[]> {
  const directory = mkdtempSync(join(tmpdir(), "berth-golden-"));
  await using registry = scenario.needs.includes("registry") ? await startRegistry(setting.enter) : undefined;
  const work = join(directory, "work");
  mkdirSync(work);
  const base = join(directory, "base.tar");
  writeBaseImage(directory, base);
  // nobody else's: ports and networks of several runs do not meet
  const loopback = `127.${1 + Math.floor(Math.random() * 254)}.${Math.floor(Math.random() * 256)}.1`;
  const subnet = `10.${100 + Math.floor(Math.random() * 100)}.${Math.floor(Math.random() * 256)}`;
  const literals = new Map([
    [loopback, "<loopback>"],
    [setting.host, "<host>"],
    [setting.host.replace("unix://", ""), "<socket>"],
    [setting.dataRoot, "<root>"],
    [directory, "<tmp>"],
    ...(registry === undefined ? [] : [[registry.address, "<registry>"] as const]),
  ]);
  const normaliser = new Normaliser({ literals, client: setting.clientName });
  using shell = new Shell(work, environment(setting, { T: work, GOLDEN: import.meta.dir, LO: loopback, NET: subnet, BASE: base, REG: registry?.address ?? "", HOME: work, DOCKER_CONFIG: join(directory, "config") }), setting.enter);
  try {
    const outcomes: Outcome[] = [];
    for (const step of scenario.steps) {
      const result = await runStep(scenario, shell, step);
      if (step.kind === "compared") outcomes.push({ step: step.command, stdout: normaliser.lines(result.stdout, step.sorted), stderr: normaliser.lines(result.stderr, step.sorted), exitCode: result.exitCode });
    }
    return outcomes;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function runStep(scenario: Scenario, shell: Shell, step: Step): Promise<StepResult> {
  let result = await shell.run(step.command);
  const where = `${scenario.name}.scenario:${step.lineNumber}`;
  const said = (): string => `exit ${result.exitCode}\n${result.stdout}${result.stderr}`;
  if (step.kind === "awaited") {
    await poll(`${where}: ${step.command}`, async () => result.exitCode === 0 || (result = await shell.run(step.command)).exitCode === 0).catch((error: unknown) => {
      throw new Error(`${(error as Error).message}: ${said()}`, { cause: error });
    });
  }
  if (step.kind === "quiet" && result.exitCode !== 0) throw new Error(`${where}: ${step.command}: ${said()}`);
  return result;
}

function environment(setting: Setting, more: Record<string, string>): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", TZ: "UTC", LC_ALL: "C.UTF-8", NO_COLOR: "1", DOCKER_CLI_HINTS: "false", DOCKER_HOST: setting.host, D: setting.client.join(" "), ...more };
}
