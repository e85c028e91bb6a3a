// A selection of scripts/round-trips.ts, with skopeo as the only other side: the script itself takes Docker and Podman too.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { berth } from "../../scripts/round-trips/engines.ts";
import { SHAPES } from "../../scripts/round-trips/shapes.ts";
import { type Lab, roundTrip } from "../../scripts/round-trips/trips.ts";
import { startDaemon } from "../support/daemon.ts";
import { isRoot } from "../support/free-network.ts";
import { hasRegistry, startRegistry } from "../support/registry.ts";

const DEADLINE_MS = 180_000;
const hasSkopeo = spawnSync("skopeo", ["--version"]).error === undefined;

describe.skipIf(!isRoot || !hasRegistry() || !hasSkopeo)("round trips", () => {
  const started: AsyncDisposable[] = [];
  let lab: Lab;
  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), "berth-trips-"));
    const [source, away, one, other] = await Promise.all([startRegistry(), startRegistry(), startDaemon(), startDaemon()]);
    started.push(source, away, one, other, { [Symbol.asyncDispose]: async () => rmSync(directory, { recursive: true, force: true }) });
    lab = { source: source.address, away: away.address, one: berth("one", one), other: berth("other", other), peers: [], directory };
  }, DEADLINE_MS);
  afterAll(async () => {
    await Promise.all(started.map((each) => each[Symbol.asyncDispose]()));
  }, DEADLINE_MS);

  for (const name of ["whiteouts", "attributes", "hard-links", "mixed", "beyond-docker"]) {
    test(`${name}: manifests, configs and files are the same wherever they come out`, async () => {
      const outcome = await roundTrip(lab, SHAPES[name]!(name));
      expect(outcome.faults).toEqual([]);
      expect(outcome.checks).toBeGreaterThan(20);
    }, DEADLINE_MS);
  }
});
