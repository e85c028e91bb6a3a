// Plays a scenario against a berth daemon of its own and says where it parts from what the real Docker said.
import { berthCommand, startDaemon } from "../support/daemon.ts";
import { differences } from "./compare.ts";
import { readRecorded } from "./recorded.ts";
import { runScenario } from "./run-scenario.ts";
import { readScenario } from "./scenario.ts";

export type Client = "docker" | "berth";

export interface Replayed {
  /** Step by step what differs; empty when nothing does. */
  differing: string;
  steps: number;
  failingOnPurpose: number;
  differingOnPurpose: number;
}

export async function replay(name: string, client: Client): Promise<Replayed> {
  const scenario = readScenario(name);
  const command = client === "docker" ? ["docker"] : berthCommand();
  await using daemon = await startDaemon();
  const seen = await runScenario(scenario, { host: daemon.host, client: command, clientName: client, dataRoot: daemon.dataRoot, enter: [] });
  return {
    differing: differences(scenario, readRecorded(name), seen, client),
    steps: seen.length,
    failingOnPurpose: seen.filter(({ exitCode }) => exitCode !== 0).length,
    differingOnPurpose: scenario.steps.filter(({ differs }) => differs !== undefined && (client === "berth" || !differs.onlyClient)).length,
  };
}
