import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Bench } from "../removal/testing/bench.ts";
import { createVolume } from "./create.ts";
import { addGoing, goingVolumes } from "./going.ts";
import { recoverVolumes } from "./recover.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

function directoryOf(name: string, file?: string): string {
  const path = bench.store.volumePath(name);
  mkdirSync(path, { recursive: true });
  if (file !== undefined) writeFileSync(join(path, file), "mine");
  return dirname(path);
}

test("the directory of a volume whose removal was cut short goes", async () => {
  const directory = directoryOf("cut", "file");
  bench.store.update((tx) => addGoing(tx, "cut"));
  await recoverVolumes(bench);
  expect(existsSync(directory)).toBe(false);
  expect(bench.store.view((tx) => goingVolumes(tx))).toEqual([]);
});

test("what nobody knows of stays if there is something in it", async () => {
  const [full, empty] = [directoryOf("full", "file"), directoryOf("empty")];
  await recoverVolumes(bench);
  expect(existsSync(join(full, "_data/file"))).toBe(true);
  expect(existsSync(empty)).toBe(false);
});

test("one that was made anew meanwhile keeps its directory", async () => {
  createVolume(bench, { Name: "again" }, {});
  const directory = directoryOf("again", "file");
  bench.store.update((tx) => addGoing(tx, "again"));
  await recoverVolumes(bench);
  expect(existsSync(join(directory, "_data/file"))).toBe(true);
  expect(bench.store.view((tx) => goingVolumes(tx))).toEqual([]);
});
