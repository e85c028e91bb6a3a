// Whether samples taken at rest, one after each stretch of work, are flat. Pure.
import type { Sample } from "./sample.ts";

/** Pipes and sockets that happen to be open. */
const FILES_SLACK = 8;
const CHILDREN_SLACK = 1;
/** One is kept for the next container. */
const SHIMS = 2;
const MEMORY_FACTOR = 1.15;
const MEMORY_SLACK_MB = 10;

/** One sentence for each thing that grew; none: flat. */
export function growth(samples: readonly Sample[]): string[] {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || samples.length < 4) return ["too few samples to tell"];
  const found: string[] = [];
  const compare = (what: string, before: number, after: number, slack = 0): void => {
    if (after > before + slack) found.push(`${what}: ${before} at first, ${after} at the end`);
  };
  compare("open files", first.openFiles, last.openFiles, FILES_SLACK);
  compare("children", first.children, last.children, CHILDREN_SLACK);
  const { entries, shims, ...counts } = last.traces;
  compare("shims", SHIMS, shims);
  for (const [what, after] of Object.entries(counts)) compare(what, first.traces[what as keyof typeof counts], after);
  // a kept shim has its directory
  for (const [room, after] of Object.entries(entries)) compare(`entries of ${room}`, room === "shims" ? SHIMS : (first.traces.entries[room] ?? 0), after);
  return found.concat(memoryGrowth(samples.map(({ rssMb }) => rssMb)));
}

/** One sentence if the last quarter, MB, is above the second: the first fills caches. */
export function memoryGrowth(megabytes: readonly number[]): string[] {
  const [early, late] = [medianOf(megabytes, 0.25, 0.5), medianOf(megabytes, 0.75, 1)];
  return late > early * MEMORY_FACTOR + MEMORY_SLACK_MB ? [`memory: ${early} MB in the second quarter, ${late} MB in the last`] : [];
}

/** The median between two parts of a run. */
function medianOf(values: readonly number[], from: number, to: number): number {
  const part = values.slice(Math.floor(values.length * from), Math.ceil(values.length * to)).toSorted((a, b) => a - b);
  return part[Math.floor((part.length - 1) / 2)] ?? 0;
}
