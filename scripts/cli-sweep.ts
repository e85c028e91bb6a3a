// Gives every command line of test/support/sweep to Docker's client and to berth's, and tells where they differ.
// bun scripts/cli-sweep.ts HOST [usage|objects|run|client|WORDS…]; SWEEP_DOCKER: further Docker clients, separated by colons,
// of which berth may say what any one says. SWEEP_RECORD=1 gives a part only, and keeps it for test/contract/cli-sweep.test.ts.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runClient, type ClientResult } from "../test/support/docker-cli.ts";
import { writeBaseImage } from "../test/support/base-image.ts";
import { berthCommand } from "../test/support/daemon.ts";
import { compareLine, describeDifference, pathOf, type Clients } from "../test/support/sweep/compare-clients.ts";
import { CLEAN_UP, OBJECT_LINES, PREPARE } from "../test/support/sweep/object-lines.ts";
import { whyOnPurpose } from "../test/support/sweep/on-purpose.ts";
import { isRecordable, writeRecorded } from "../test/support/sweep/recorded.ts";
import { CLIENT_LINES, RUN_LINES } from "../test/support/sweep/run-lines.ts";
import { dockerCommands, usageLines } from "../test/support/sweep/usage-lines.ts";

const SLOW_MS = 5_000;
/** Every so many lines of a group are recorded. */
const RECORD_EVERY: Readonly<Record<string, number>> = { usage: 50, objects: 10, run: 8, client: 6 };
const [host = "unix:///var/run/berth.sock", ...chosen] = process.argv.slice(2);
const directory = mkdtempSync("/tmp/berth-sweep-");
const further = (process.env["SWEEP_DOCKER"] ?? "").split(":").filter((path) => path !== "");
const dockerPaths = [process.env["PATH"] ?? "", ...further.map((program, index) => pathOf(join(directory, `docker-${index}`), [program]))];
const clients: Clients = { host, dockerPaths, berthPath: pathOf(join(directory, "bin"), berthCommand()), configDirectory: join(directory, "config"), cwd: directory };
const env = { DOCKER_HOST: host };

async function shell(line: string): Promise<void> {
  const { exitCode, stderr } = await runClient(["sh", "-ec"], [line], { env });
  if (exitCode !== 0) console.error(`${line}: ${stderr}`);
}

async function allUsageLines(): Promise<string[]> {
  const has = async (path: string) => (await runClient(berthCommand(), [...path.split(" "), "--help"], { env })).stdout.startsWith(`Usage:  berth ${path} `);
  const lines: string[] = [];
  for (const path of await dockerCommands(has)) lines.push(...(await usageLines(path)));
  return lines;
}

const GROUPS: Readonly<Record<string, () => Promise<readonly string[]> | readonly string[]>> = {
  usage: allUsageLines,
  objects: () => OBJECT_LINES,
  run: () => RUN_LINES,
  client: () => CLIENT_LINES,
};

async function linesOf(): Promise<readonly string[]> {
  if (chosen.length > 0 && !chosen.every((word) => Object.hasOwn(GROUPS, word))) return chosen;
  const lines: string[] = [];
  for (const name of chosen.length > 0 ? chosen : Object.keys(GROUPS)) lines.push(...(await GROUPS[name]!()));
  return lines;
}

/** The lines to record: spread over their groups. */
async function sampleOf(): Promise<ReadonlySet<string>> {
  const sample = new Set<string>();
  if (process.env["SWEEP_RECORD"] === undefined) return sample;
  for (const [group, every] of Object.entries(RECORD_EVERY)) for (const [index, line] of (await GROUPS[group]!()).entries()) if (index % every === 0) sample.add(line);
  return sample;
}

const tar = join(directory, "base.tar");
writeBaseImage(directory, tar);
await shell(`docker import '${tar}' sw/base:1`);
for (const line of PREPARE) await shell(line);
const sample = await sampleOf();
const lines = sample.size > 0 ? [...sample] : await linesOf();
const recorded: Record<string, ClientResult> = {};
let [different, meant] = [0, 0];
for (const line of lines) {
  const startMs = Date.now();
  const { difference, berth } = await compareLine(clients, line);
  if (difference === undefined && isRecordable(line, berth)) recorded[line] = berth;
  if (Date.now() - startMs > SLOW_MS) console.log(`${Date.now() - startMs} ms: ${line}`);
  if (difference === undefined) continue;
  if (whyOnPurpose(line) !== undefined) {
    meant++;
    continue;
  }
  different++;
  console.log(describeDifference(difference));
}
if (sample.size > 0) writeRecorded(recorded);
for (const line of CLEAN_UP) await shell(line);
rmSync(directory, { recursive: true, force: true });
console.log(`${lines.length} command lines: ${different} differ, ${meant} on purpose`);
process.exitCode = different === 0 ? 0 : 1;
