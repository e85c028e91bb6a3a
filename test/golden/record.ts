// Records the scenarios from a real Docker Engine, `./dev record [SCENARIO...]`. Each runs twice, each time on an engine
// made anew by `recording-docker` (Docker's keeps traces of what was): what does not come out the same twice is not written.
// With DOCKER_HOST set, that engine is used throughout; it must have nothing in it, and all there is gets removed.
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { differences } from "./compare.ts";
import { recordedPath } from "./recorded.ts";
import { type Outcome, runScenario, type Setting } from "./run-scenario.ts";
import { readScenario, type Scenario, scenarioNames } from "./scenario.ts";

const RECORDING_DOCKER = join(import.meta.dir, "recording-docker");
const given = process.env["DOCKER_HOST"];

function settingOf(env: Readonly<Record<string, string | undefined>>): Setting {
  return {
    host: env["DOCKER_HOST"] ?? "",
    client: ["docker"],
    clientName: "docker",
    dataRoot: env["GOLDEN_DATA_ROOT"] ?? "/var/lib/docker",
    enter: (env["GOLDEN_ENTER"] ?? "").split(" ").filter((word) => word !== ""),
  };
}

async function runAnew(scenario: Scenario): Promise<Outcome[]> {
  if (given !== undefined) return runScenario(scenario, settingOf(process.env)).finally(removeAll);
  // export A=1 B='2 3'
  const words = execFileSync(RECORDING_DOCKER, ["start"], { encoding: "utf8" }).matchAll(/(\w+)=(?:'([^']*)'|(\S+))/g);
  try {
    return await runScenario(scenario, settingOf(Object.fromEntries([...words].map(([, name = "", quoted, plain]) => [name, quoted ?? plain]))));
  } finally {
    execFileSync(RECORDING_DOCKER, ["stop"]);
  }
}

function docker(...args: string[]): string[] {
  return spawnSync("docker", args, { encoding: "utf8" }).stdout.split("\n").filter((line) => line !== "");
}

function removeAll(): void {
  const remove = (verb: string[], names: string[]): void => void (names.length > 0 && docker(...verb, ...names));
  const containers = docker("ps", "-aq");
  remove(["unpause"], docker("ps", "-q", "--filter", "status=paused"));
  remove(["rm", "-f", "-v"], containers);
  for (let images = docker("images", "-aq"), last = -1; images.length > 0 && images.length !== last; last = images.length, images = docker("images", "-aq")) remove(["rmi", "-f"], images);
  remove(["volume", "rm", "-f"], docker("volume", "ls", "-q"));
  docker("network", "prune", "-f");
}

async function recordScenario(name: string): Promise<boolean> {
  const scenario = readScenario(name);
  const first = await runAnew(scenario);
  const second = await runAnew(scenario);
  const differing = differences(scenario, first, second, "real");
  if (differing !== "") {
    process.stderr.write(`${name}: not the same twice\n${differing}\n`);
    return false;
  }
  writeFileSync(recordedPath(name), `${JSON.stringify(first, null, 1)}\n`);
  process.stdout.write(`${name}: ${first.length} steps, ${first.filter(({ exitCode }) => exitCode !== 0).length} failing on purpose\n`);
  return true;
}

if (given !== undefined && docker("ps", "-aq").length + docker("images", "-aq").length > 0) throw new Error(`${given} has containers or images: recording removes all there is, so it wants an engine of its own`);
const chosen = process.argv.slice(2);
for (const name of chosen.length > 0 ? chosen : scenarioNames()) if (!(await recordScenario(name))) process.exitCode = 1;
