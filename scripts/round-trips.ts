// Twenty images of odd shapes, through berth and through skopeo, Docker and Podman and back, compared to the last byte.
// ./dev trips [SHAPE…]. Podman takes part where ../shared/peers is, Docker where DOCKER_HOST names one.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { startDaemon } from "../test/support/daemon.ts";
import { startRegistry } from "../test/support/registry.ts";
import { berth, docker, enterOfPeers, podman, type TripEngine } from "./round-trips/engines.ts";
import { KEPT_BY_PEERS, REFUSED_BY_PEERS, SHAPES } from "./round-trips/shapes.ts";
import { type Outcome, roundTrip } from "./round-trips/trips.ts";

const chosen = process.argv.slice(2);
const names = chosen.length > 0 ? chosen : Object.keys(SHAPES);
const directory = mkdtempSync("/tmp/berth-trips-");
try {
  await using source = await startRegistry();
  await using away = await startRegistry();
  await using first = await startDaemon();
  await using second = await startDaemon();
  const lab = { source: source.address, away: away.address, one: berth("one", first), other: berth("other", second), peers: peers(), directory, refused: REFUSED_BY_PEERS, kept: KEPT_BY_PEERS };
  console.log(`with skopeo${lab.peers.map(({ name }) => `, ${name}`).join("")}`);
  const outcomes: Outcome[] = [];
  for (const name of names) {
    const make = SHAPES[name];
    if (make === undefined) throw new Error(`no shape ${name}: ${Object.keys(SHAPES).join(" ")}`);
    const outcome = await roundTrip(lab, make(name));
    outcomes.push(outcome);
    console.log(`${outcome.faults.length === 0 ? "identical" : "DIFFERS  "}  ${name.padEnd(22)} ${String(outcome.checks).padStart(3)} checks ${outcome.seconds.toFixed(1).padStart(6)} s`);
    for (const fault of outcome.faults) console.log(`  ${fault}`);
  }
  const good = outcomes.filter(({ faults }) => faults.length === 0).length;
  console.log(`${good} of ${names.length} identical`);
  process.exitCode = good === names.length ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function peers(): TripEngine[] {
  const host = process.env["DOCKER_HOST"];
  const enter = enterOfPeers(dirname(import.meta.dir));
  return [...(host === undefined ? [] : [docker(host)]), ...(existsSync(enter) ? [podman(enter, join(directory, ""))] : [])];
}
