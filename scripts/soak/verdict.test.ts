import { expect, test } from "bun:test";
import type { Sample } from "./sample.ts";
import { growth } from "./verdict.ts";

type Change = Partial<Omit<Sample, "traces">> & { mounts?: number; shims?: number; rw?: number };

function sample({ mounts = 1, shims = 1, rw = 0, ...rest }: Change = {}): Sample {
  return {
    seconds: 0, openFiles: 40, rssMb: 100, threads: 20, shimRssMb: 20, children: 2, ...rest,
    traces: { mounts, namespaces: 0, interfaces: 0, bridges: 1, rules: 20, cgroups: 0, containerProcesses: 0, shims, entries: { rw, shims } },
  };
}

const after = (last: Change): string[] => growth([...Array.from({ length: 7 }, () => sample()), sample(last)]);

test("what is as before, or differs by what is at work, is flat", () => {
  expect(after({})).toEqual([]);
  expect(after({ openFiles: 48, shims: 2, children: 3, mounts: 0 })).toEqual([]);
});

test("everything that grew is named", () => {
  expect(after({ openFiles: 49 })).toEqual(["open files: 40 at first, 49 at the end"]);
  expect(after({ mounts: 2, rw: 1, shims: 3 })).toEqual(["shims: 2 at first, 3 at the end", "mounts: 1 at first, 2 at the end", "entries of rw: 0 at first, 1 at the end", "entries of shims: 2 at first, 3 at the end"]);
});

test("memory may rise at first, and for a moment, but not go on", () => {
  const rising = [60, 90, 100, 100, 100, 101, 100, 102];
  expect(growth(rising.map((rssMb) => sample({ rssMb })))).toEqual([]);
  expect(after({ rssMb: 300 })).toEqual([]);
  expect(growth([60, 80, 100, 120, 140, 160, 180, 200].map((rssMb) => sample({ rssMb })))).toEqual(["memory: 100 MB in the second quarter, 180 MB in the last"]);
});

test("a short run says nothing", () => {
  expect(growth([sample(), sample()])).toEqual(["too few samples to tell"]);
});
