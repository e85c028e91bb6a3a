import { afterEach, expect, test } from "bun:test";
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

test("every place has its own name", () => {
  expect(new Set(FAILPOINTS).size).toBe(FAILPOINTS.length);
});
