// A small seeded run of the fuzzer; `bun scripts/fuzz.ts` does fifty thousand.
import { expect, test } from "bun:test";
import { fuzzDaemon } from "../../scripts/fuzz/session.ts";
import { startDaemon } from "../support/daemon.ts";
import { isRoot } from "../support/free-network.ts";

test.skipIf(!isRoot)("1200 malformed requests: an answer to each, no stack trace, no bug in the log, nothing left over", async () => {
  await using daemon = await startDaemon();
  const { sent, statuses, faults, bugs, left } = await fuzzDaemon(daemon, 20261128, 1200);
  // one that makes a container may be followed by its start
  expect(sent).toBeGreaterThanOrEqual(1200);
  expect({ faults, bugs, left }).toEqual({ faults: [], bugs: [], left: { containers: 0, volumes: 0, networks: 0, images: 0 } });
  expect(statuses[400]).toBeGreaterThan(100);
}, 180_000);
