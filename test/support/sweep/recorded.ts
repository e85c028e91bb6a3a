// A part of the sweep with what Docker's client said, for machines without one; kept by scripts/cli-sweep.ts.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClientResult } from "../docker-cli.ts";

const FILE = join(import.meta.dir, "recorded.json");

/** Line → exit code, stdout, stderr, made normal. */
export type Recorded = Readonly<Record<string, ClientResult>>;

export function readRecorded(): Recorded {
  return JSON.parse(readFileSync(FILE, "utf8")) as Recorded;
}

export function writeRecorded(recorded: Recorded): void {
  writeFileSync(FILE, `${JSON.stringify(recorded, null, 1)}\n`);
}

/** What another machine, or the same one tomorrow, says otherwise: its runtime, its paths, its sizes; and what takes long. */
const OF_THE_MACHINE = /crun|runc|overlay|\/volumes\/|cgroup|kernel|CreatedAt|<time>|sandbox/i;
const LONG = /sleep 100|stats|events|docker (system )?(info|df)|docker version|stop|restart|prune -f|manifest|search/;

export function isRecordable(line: string, result: ClientResult): boolean {
  return !LONG.test(line) && !OF_THE_MACHINE.test(result.stdout + result.stderr) && result.stdout.length < 4_000;
}
