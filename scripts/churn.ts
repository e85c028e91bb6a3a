// node_modules/.bin/bun scripts/churn.ts [CONTAINERS] [CLIENTS] [KILL_EVERY]: short containers at a daemon of its own that is killed
// every so many; prints what was there before and after.
import { startDaemon } from "../test/support/daemon.ts";
import { removeCgroupParent } from "../test/support/machine-traces.ts";
import { churn } from "./churn/run.ts";

const [containers = 500, clients = 4, killEvery = 50] = process.argv.slice(2).map(Number);
await using daemon = await startDaemon();
const report = await churn(daemon, { containers, clients, killEvery });
console.log(`${containers} containers, ${clients} at a time, ${report.kills} times kill -9: ${report.seconds.toFixed(1)} s, ${(containers / report.seconds).toFixed(1)}/s`);
console.log(`before ${JSON.stringify(report.before)}\nafter  ${JSON.stringify(report.after)}`);
for (const fault of report.faults) console.log(fault);
await daemon.remove();
removeCgroupParent(daemon);
process.exitCode = report.faults.length === 0 && JSON.stringify(report.before) === JSON.stringify(report.after) ? 0 : 1;
