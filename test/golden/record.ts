// Records the scenarios from a real Docker Engine that has nothing in it (DOCKER_HOST; `recording-docker start` makes
// one). Each runs twice: what does not come out the same twice is not written. `./dev record [SCENARIO...]`
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { differences } from "./compare.ts";
import { recordedPath } from "./recorded.ts";
import { type Outcome, runScenario, type Setting } from "./run-scenario.ts";
import { readScenario, scenarioNames } from "./scenario.ts";

const host = process.env["DOCKER_HOST"];
if (host === undefined) throw new Error("DOCKER_HOST names the engine to record from: see test/golden/recording-docker");
const setting: Setting = {
  host,
  client: ["docker"],
  clientName: "docker",
  dataRoot: process.env["GOLDEN_DATA_ROOT"] ?? "/var/lib/docker",
  enter: (process.env["GOLDEN_ENTER"] ?? "").split(" ").filter((word) => word !== ""),
};

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
  const runs: Outcome[][] = [];
  for (let run = 0; run < 2; run++) {
    try {
      runs.push(await runScenario(scenario, setting));
    } finally {
      removeAll();
    }
  }
  const [first = [], second = []] = runs;
  const differing = differences(scenario, first, second, "real");
  if (differing !== "") {
    process.stderr.write(`${name}: not the same twice\n${differing}\n`);
    return false;
  }
  writeFileSync(recordedPath(name), `${JSON.stringify(first, null, 1)}\n`);
  process.stdout.write(`${name}: ${first.length} steps, ${first.filter(({ exitCode }) => exitCode !== 0).length} failing on purpose\n`);
  return true;
}

if (docker("ps", "-aq").length + docker("images", "-aq").length > 0) throw new Error(`${host} has containers or images: recording removes all there is, so it wants an engine of its own`);
const chosen = process.argv.slice(2);
for (const name of chosen.length > 0 ? chosen : scenarioNames()) if (!(await recordScenario(name))) process.exitCode = 1;
