// node_modules/.bin/bun scripts/fuzz.ts [COUNT] [SEED]: fuzzes a daemon of its own and says what it found.
import { startDaemon } from "../test/support/daemon.ts";
import { fuzzDaemon } from "./fuzz/session.ts";
import { memoryGrowth } from "./soak/verdict.ts";

const [count = 50_000, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
await using daemon = await startDaemon();
const started = Date.now();
console.log(`${count} requests, seed ${seed}`);
const outcome = await fuzzDaemon(daemon, seed, count, (done) => {
  if (done % 5000 < 250) console.log(`${done} after ${Math.round((Date.now() - started) / 1000)} s`);
});
const { reasons, rssMb, openFiles, ...rest } = outcome;
console.log(JSON.stringify({ ...rest, reasons: Object.fromEntries(reasons) }, null, 1));
console.log(`memory, MB: ${rssMb.join(" ")}\nopen files: ${openFiles.join(" ")}`);
const grown = memoryGrowth(rssMb);
for (const what of grown) console.log(`grown: ${what}`);
const isClean = Object.values(outcome.left).every((count) => count === 0);
process.exitCode = outcome.faults.length + outcome.bugs.length + grown.length === 0 && isClean ? 0 : 1;
