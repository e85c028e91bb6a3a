// ./dev soak: random clients at a daemon of its own for SOAK_MINUTES (30). After each fifteenth of the time they tidy up, and
// what the daemon has is counted at rest: it must be flat (soak/verdict.ts). SOAK_CLIENTS (4), SOAK_SEED.
import { importBase } from "../test/contract/imported-image.ts";
import { startDaemon, type TestDaemon } from "../test/support/daemon.ts";
import { cgroupParent, machineTraces, removeCgroupParent } from "../test/support/machine-traces.ts";
import { poll } from "../test/support/poll.ts";
import { createRandom } from "./fuzz/random.ts";
import { fault, type SoakClient, type Tally } from "./soak/client.ts";
import { type Sample, takeSample } from "./soak/sample.ts";
import { STORIES } from "./soak/stories.ts";
import { growth } from "./soak/verdict.ts";

const STRETCHES = 15;
const IMAGE = "soak:1";

const minutes = Number(process.env["SOAK_MINUTES"] ?? 30);
const clientCount = Number(process.env["SOAK_CLIENTS"] ?? 4);
const seed = Number(process.env["SOAK_SEED"] ?? Date.now() % 1_000_000);

process.exitCode = await soak();

async function soak(): Promise<number> {
  await using daemon = await startDaemon();
  console.log(`${minutes} minutes, ${clientCount} clients, seed ${seed}, daemon ${daemon.pid}`);
  await importBase(daemon.socket, { repo: "soak", tag: "1" });
  const tally: Tally = { steps: new Map(), requests: 0, faults: new Map() };
  const clients = Array.from({ length: clientCount }, (_, index): SoakClient => ({ name: `c${index}`, daemon, random: createRandom(seed + index), cgroupParent: cgroupParent(daemon), image: IMAGE, tally }));
  const startedMs = Date.now();
  const samples: Sample[] = [];
  let peak: Sample | undefined;
  const watching = setInterval(() => {
    const now = takeSample(daemon, startedMs);
    if (peak === undefined || now.rssMb > peak.rssMb) peak = now;
  }, 5000);
  for (let stretch = 1; stretch <= STRETCHES; stretch++) {
    const untilMs = startedMs + (minutes * 60_000 * stretch) / STRETCHES;
    await Promise.all(clients.map((client) => work(client, untilMs)));
    await rest(daemon, tally);
    const sample = takeSample(daemon, startedMs);
    samples.push(sample);
    console.log(line(sample, tally));
  }
  clearInterval(watching);
  if (peak !== undefined) console.log(`at work, most memory: ${line(peak, tally)}`);
  const grown = growth(samples);
  const bugs = [...new Set(daemon.log().split("\n").filter((text) => / bug/.test(text)))];
  console.log(JSON.stringify({ steps: Object.fromEntries(tally.steps), requests: tally.requests, faults: Object.fromEntries(tally.faults), bugs, grown }, null, 1));
  await daemon.remove();
  removeCgroupParent(daemon);
  const isGood = grown.length + bugs.length + tally.faults.size === 0;
  console.log(isGood ? "flat" : "not flat, or with faults");
  return isGood ? 0 : 1;
}

async function work(client: SoakClient, untilMs: number): Promise<void> {
  while (Date.now() < untilMs) {
    const [name, story] = client.random.pick(Object.entries(STORIES));
    try {
      await story(client);
    } catch (error) {
      fault(client, `${name}: ${String(error)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    client.tally.steps.set(name, (client.tally.steps.get(name) ?? 0) + 1);
  }
}

/** Everything that clients made is taken away, and what the daemon does behind is done. */
async function rest(daemon: TestDaemon, tally: Tally): Promise<void> {
  const containers = (await daemon.call("GET", "/containers/json?all=1")).json() as { Id: string }[];
  for (const { Id } of containers) await daemon.call("DELETE", `/containers/${Id}?force=1&v=1`);
  await daemon.call("POST", `/volumes/prune?filters=${encodeURIComponent('{"all":["true"]}')}`);
  await daemon.call("POST", "/networks/prune");
  const images = (await daemon.call("GET", "/images/json?all=1")).json() as { Id: string; RepoTags: string[] | null }[];
  for (const { Id, RepoTags } of images) {
    if (RepoTags?.includes(IMAGE) !== true) await daemon.call("DELETE", `/images/${Id}?force=1`);
    else for (const tag of RepoTags) if (tag !== IMAGE) await daemon.call("DELETE", `/images/${tag}`);
  }
  await poll("the daemon is at rest", () => {
    const { entries, shims } = machineTraces(daemon);
    return entries["trash"] === 0 && shims <= 1;
  }).catch((error: unknown) => tally.faults.set(`${String(error)}, but has ${JSON.stringify(machineTraces(daemon))}`, 1));
  await new Promise((resolve) => setTimeout(resolve, 1000));
}

function line({ seconds, openFiles, rssMb, threads, shimRssMb, children, traces: { entries, ...counts } }: Sample, tally: Tally): string {
  const stories = [...tally.steps.values()].reduce((sum, count) => sum + count, 0);
  return `${seconds} s: ${stories} stories, ${tally.requests} requests, ${rssMb} MB, ${openFiles} files, ${threads} threads, ${children} children, shims ${shimRssMb} MB, ${JSON.stringify(counts)} ${JSON.stringify(entries)}`;
}
