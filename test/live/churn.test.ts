// Short containers while the daemon is killed now and then: all come to their end, and nothing is left. (In full: scripts/churn.ts.)
import { expect, test } from "bun:test";
import { churn } from "../../scripts/churn/run.ts";
import { startDaemon } from "../support/daemon.ts";
import { isRoot } from "../support/free-network.ts";
import { removeCgroupParent } from "../support/machine-traces.ts";

test.skipIf(!isRoot)("60 containers, 4 at a time, kill -9 every 20", async () => {
  await using daemon = await startDaemon();
  const { faults, kills, before, after } = await churn(daemon, { containers: 60, clients: 4, killEvery: 20 });
  expect(faults).toEqual([]);
  expect(kills).toBe(2);
  expect(before.rows).toEqual({ containers: 0, images: 1, volumes: 0, networks: 3 });
  expect(after).toEqual(before);
  await daemon.remove();
  removeCgroupParent(daemon);
});
