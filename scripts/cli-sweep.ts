// Gives every command line of test/support/sweep to Docker's client and to berth's, and tells where they differ.
// bun scripts/cli-sweep.ts HOST [usage|objects|run|client|WORDS…]; needs the image sw/base:1 in the daemon, or BASE_TAR to import.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runClient } from "../test/support/docker-cli.ts";
import { writeBaseImage } from "../test/support/base-image.ts";
import { berthCommand } from "../test/support/daemon.ts";
import { compareLine, describeDifference, pathOfBerth, type Clients } from "../test/support/sweep/compare-clients.ts";
import { CLEAN_UP, OBJECT_LINES, PREPARE } from "../test/support/sweep/object-lines.ts";
import { CLIENT_LINES, RUN_LINES } from "../test/support/sweep/run-lines.ts";
import { dockerCommands, usageLines } from "../test/support/sweep/usage-lines.ts";

const [host = "unix:///var/run/berth.sock", ...chosen] = process.argv.slice(2);
const directory = mkdtempSync("/tmp/berth-sweep-");
const clients: Clients = { host, berthPath: pathOfBerth(join(directory, "bin"), berthCommand()), configDirectory: join(directory, "config"), cwd: directory };
const env = { DOCKER_HOST: host };

async function shell(line: string): Promise<void> {
  const { exitCode, stderr } = await runClient(["sh", "-ec"], [line], { env });
  if (exitCode !== 0) console.error(`${line}: ${stderr}`);
}

async function allUsageLines(): Promise<string[]> {
  const has = async (path: string) => (await runClient(berthCommand(), [...path.split(" "), "--help"], { env })).exitCode === 0;
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

const tar = join(directory, "base.tar");
writeBaseImage(directory, tar);
await shell(`docker import '${tar}' sw/base:1`);
for (const line of PREPARE) await shell(line);
const lines = await linesOf();
let different = 0;
for (const line of lines) {
  const difference = await compareLine(clients, line);
  if (difference === undefined) continue;
  different++;
  console.log(describeDifference(difference));
}
for (const line of CLEAN_UP) await shell(line);
rmSync(directory, { recursive: true, force: true });
console.log(`${lines.length} command lines, ${different} differ`);
process.exitCode = different === 0 ? 0 : 1;
