import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRuntimes } from "./runtime-choice.ts";

const path = process.env.PATH;
let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "berth-runtimes-"));
  // before the machine's own
  process.env.PATH = `${directory}:${path}`;
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(directory, { recursive: true });
});

const program = (name: string, script: string): void => writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

test("runtimes are what runs and tells its version", async () => {
  program("crun", "echo crun version 9.9");
  program("runc", "echo runc version 8.8; echo spec: 1");
  const { runtimes } = await findRuntimes({});
  expect(runtimes).toEqual({ crun: { path: join(directory, "crun"), version: "9.9" }, runc: { path: join(directory, "runc"), version: "8.8" } });
});

test("one that cannot run is none", async () => {
  program("crun", "echo crun: error while loading shared libraries >&2; exit 127");
  program("runc", "echo runc version 8.8");
  const { runtimes, defaultName } = await findRuntimes({});
  expect(Object.keys(runtimes)).toEqual(["runc"]);
  expect(defaultName).toBe("runc");
});

test("the default is what was asked for, if there is such a one", async () => {
  program("crun", "echo crun version 9.9");
  program("runc", "echo runc version 8.8");
  program("own", "echo own version 1");
  const extraRuntimes = { own: { path: join(directory, "own") } };
  expect((await findRuntimes({ defaultRuntime: "runc" })).defaultName).toBe("runc");
  expect((await findRuntimes({ defaultRuntime: "own", extraRuntimes })).defaultName).toBe("own");
  expect(findRuntimes({ defaultRuntime: "nosuch" })).rejects.toThrow("specified default runtime 'nosuch' does not exist");
});
