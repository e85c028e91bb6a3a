// Random histories beside a model; after every step both must agree. BERTH_MODEL_SEEDS and BERTH_MODEL_STEPS: more of them,
// as `scripts/model.ts` runs.
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { History } from "./testing/history.ts";

const STEPS = Number(process.env["BERTH_MODEL_STEPS"] ?? 500);
const SEEDS = (process.env["BERTH_MODEL_SEEDS"] ?? "1 2 3 4 5 6").split(" ").map(Number);

/** Every third on the disk; the others where no write waits for one. */
function directoryOf(index: number): string {
  return index % 3 === 0 || !existsSync("/dev/shm") ? tmpdir() : "/dev/shm";
}

for (const [index, seed] of SEEDS.entries()) {
  test(`a history of ${STEPS} steps agrees with the model (seed ${seed})`, async () => {
    const history = await History.begin(seed, directoryOf(index));
    try {
      for (let step = 0; step < STEPS; step++) await history.step();
      expect(history.freedBytes).toBeGreaterThan(0);
    } catch (error) {
      console.error(`seed ${seed}, last of ${history.trace.length} steps:\n${history.trace.slice(-15).join("\n")}`);
      throw error;
    } finally {
      if (process.env["BERTH_MODEL_FIGURES"] !== undefined) console.log(`seed ${seed}: ${JSON.stringify({ ...history.done, freedBytes: history.freedBytes })}`);
      await history.close();
    }
  }, 3_600_000);
}
