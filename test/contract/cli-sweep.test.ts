// A part of the sweep (scripts/cli-sweep.ts): command lines given to Docker's client and to berth's say and end the same.
// Without Docker's client, or where its version speaks otherwise, berth is held to what was recorded from 28.2 and 28.5.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { writeBaseImage } from "../support/base-image.ts";
import { berthCommand, startDaemon, type TestDaemon } from "../support/daemon.ts";
import { hasDockerClient, runClient } from "../support/docker-cli.ts";
import { compareLine, isSame, pathOf, type Clients } from "../support/sweep/compare-clients.ts";
import { OBJECT_LINES, PREPARE } from "../support/sweep/object-lines.ts";
import { whyOnPurpose } from "../support/sweep/on-purpose.ts";
import { readRecorded } from "../support/sweep/recorded.ts";

const LIVE = hasDockerClient();
if (!LIVE) console.warn("no docker client here: berth's command line is compared with recorded outputs only");

let daemon: TestDaemon;
let clients: Clients;

beforeAll(async () => {
  daemon = await startDaemon();
  const { directory, host } = daemon;
  const berthPath = pathOf(join(directory, "bin"), berthCommand());
  const cwd = `/tmp/berth-sweep-${process.pid}`;
  await runClient(["mkdir", "-p", cwd], []);
  clients = { host, dockerPaths: LIVE ? [process.env["PATH"] ?? ""] : [], berthPath, configDirectory: join(cwd, "config"), cwd };
  const tar = join(directory, "base.tar");
  writeBaseImage(directory, tar);
  for (const line of [`docker import '${tar}' sw/base:1`, ...PREPARE]) {
    const { exitCode, stderr } = await runClient(["sh", "-ec"], [line], { env: { DOCKER_HOST: host, PATH: berthPath } });
    if (exitCode !== 0) throw new Error(`${line}: ${stderr}`);
  }
}, 60_000);

afterAll(async () => {
  await daemon.remove();
  await runClient(["rm", "-rf", clients.cwd], []);
}, 60_000);

test("the recorded lines, said again", async () => {
  const recorded = readRecorded();
  const lines = Object.keys(recorded);
  expect(lines.length).toBeGreaterThan(100);
  const wrong: unknown[] = [];
  for (const line of lines) {
    const { berth, difference } = await compareLine(clients, line);
    if (LIVE && difference === undefined) continue;
    if (!isSame(berth, recorded[line]!)) wrong.push({ line, berth, recorded: recorded[line], docker: difference?.docker });
  }
  expect(wrong).toEqual([]);
}, 120_000);

test.skipIf(!LIVE)("whatever was not recorded because it is of this machine", async () => {
  const wrong: unknown[] = [];
  const lines = OBJECT_LINES.filter((text) => /^docker (inspect|container inspect|image inspect|network inspect|system df|info|top|history) /.test(text) && !/sw-none|nobody/.test(text) && whyOnPurpose(text) === undefined);
  for (const line of lines.filter((_line, index) => index % 3 === 0)) {
    const { difference } = await compareLine(clients, line);
    if (difference !== undefined) wrong.push(difference);
  }
  expect(wrong).toEqual([]);
}, 60_000);
