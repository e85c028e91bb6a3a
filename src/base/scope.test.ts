import { expect, test } from "bun:test";
import { createLog, silentLog } from "./log.ts";
import { openScope } from "./scope.ts";

test("what was deferred runs in reverse when the work throws", async () => {
  const done: string[] = [];
  const work = async () => {
    await using scope = openScope(silentLog);
    scope.defer("first", () => done.push("first"));
    scope.defer("second", async () => {
      await Promise.resolve();
      done.push("second");
    });
    throw new Error("broken");
  };
  await expect(work()).rejects.toThrow("broken");
  expect(done).toEqual(["second", "first"]);
});

test("a kept scope undoes nothing", async () => {
  const done: string[] = [];
  {
    await using scope = openScope(silentLog);
    scope.defer("step", () => done.push("step"));
    scope.keep();
  }
  expect(done).toEqual([]);
});

test("a failing undo step is logged and the others still run", async () => {
  const lines: string[] = [];
  const done: string[] = [];
  {
    await using scope = openScope(createLog("warn", (line) => lines.push(line)));
    scope.defer("good", () => done.push("good"));
    scope.defer("bad", () => {
      throw new Error("cannot undo");
    });
  }
  expect(done).toEqual(["good"]);
  expect(lines.join("")).toContain("undo failed: bad");
  expect(lines.join("")).toContain("cannot undo");
});
