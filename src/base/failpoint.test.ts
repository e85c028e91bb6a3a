import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FAILPOINTS, failpoint } from "./failpoint.ts";

afterEach(() => {
  delete process.env["BERTH_FAILPOINT"];
});

test("a place does nothing unless it is named", () => {
  failpoint("create:after-row");
  process.env["BERTH_FAILPOINT"] = "create:after-layer:error";
  failpoint("create:after-row");
  expect(() => failpoint("create:after-layer")).toThrow("failpoint create:after-layer");
});

test("an unknown action is told instead of ignored", () => {
  process.env["BERTH_FAILPOINT"] = "rm:after-row:explode";
  expect(() => failpoint("rm:after-row")).toThrow("unknown action");
});

test("what is wanted may stand in a file, and change", () => {
  const directory = mkdtempSync(join(tmpdir(), "berth-failpoint-"));
  const file = join(directory, "wanted");
  process.env["BERTH_FAILPOINT"] = `@${file}`;
  failpoint("rm:after-row");
  writeFileSync(file, "rm:after-row:error\n");
  expect(() => failpoint("rm:after-row")).toThrow("failpoint rm:after-row");
  writeFileSync(file, "exit:after-row:error\n");
  failpoint("rm:after-row");
  rmSync(directory, { recursive: true });
});

test("every place has its own name", () => {
  expect(new Set(FAILPOINTS).size).toBe(FAILPOINTS.length);
});
