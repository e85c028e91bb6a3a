import { expect, test } from "bun:test";
import { platformComplaint, platformQuery } from "./platform.ts";

test("a word alone is a system or an architecture that is known", () => {
  expect(platformQuery("arm64")).toBe('{"architecture":"arm64","os":"linux"}');
  expect(platformQuery("x86_64")).toBe('{"architecture":"amd64","os":"linux"}');
  expect(JSON.parse(platformQuery("windows") ?? "")).toMatchObject({ os: "windows" });
  expect(platformComplaint("nonsense")).toBe('"nonsense": unknown operating system or architecture: invalid argument');
});

test("two or three words are taken as they are, three at most", () => {
  expect(platformQuery("plan9/none")).toBe('{"architecture":"none","os":"plan9"}');
  expect(platformQuery("linux/arm/v7")).toBe('{"architecture":"arm","os":"linux","variant":"v7"}');
  expect(platformComplaint("a/b/c/d")).toBe('"a/b/c/d": cannot parse platform specifier: invalid argument');
});
