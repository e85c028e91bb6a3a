import { expect, test } from "bun:test";
import { lstatSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { systemErrorReason, systemErrorText } from "./system-error.ts";

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("it threw nothing");
}

test("failed system calls are told as Go tells them", () => {
  const long = `/${"a".repeat(300)}`;
  expect(systemErrorText(thrownBy(() => readFileSync(long)))).toBe(`open ${long}: file name too long`);
  const longer = `/${"a".repeat(5000)}`;
  expect(systemErrorText(thrownBy(() => lstatSync(longer)))).toMatch(/^\w+ \/a{1000,}: file name too long$/);
  expect(systemErrorText(thrownBy(() => readFileSync("/dev/null/x")))).toBe("open /dev/null/x: not a directory");
  expect(systemErrorText(thrownBy(() => renameSync("/no/such", "/else")))).toBe("rename /no/such: no such file or directory");
  expect(systemErrorReason(thrownBy(() => readdirSync("/no/such")))).toBe("no such file or directory");
});

test("what is no system call is not one", () => {
  expect(systemErrorText(new TypeError("x is not a function"))).toBeUndefined();
  expect(systemErrorText(Object.assign(new Error("x"), { code: "ENOENT" }))).toBeUndefined();
  expect(systemErrorText(undefined)).toBeUndefined();
  expect(systemErrorReason("ENOENT")).toBeUndefined();
});
