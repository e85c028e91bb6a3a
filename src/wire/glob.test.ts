import { describe, expect, test } from "bun:test";
import { matchReferenceGlob } from "./glob.ts";

describe("reference patterns", () => {
  const digest = `docker.io/library/app@sha256:${"a".repeat(64)}`;
  for (const [pattern, name, met] of [
    ["busybox", "docker.io/library/busybox:1", true],
    ["busybox:1", "docker.io/library/busybox:1", true],
    ["busybox:*", "docker.io/library/busybox:1", true],
    ["busy", "docker.io/library/busybox:1", false],
    ["busy*", "docker.io/library/busybox:1", true],
    ["*", "docker.io/library/busybox:1", true],
    ["*", "docker.io/me/app:1", false],
    ["a-b", "docker.io/library/a-b:1-2", true],
    ["a[+\\-]b:1-?", "docker.io/library/a-b:1-2", true],
    ["a{1}-#&~ %=", "docker.io/library/a-b:1-2", false],
    ["*/*", "docker.io/me/app:1", true],
    ["me/*:1", "docker.io/me/app:1", true],
    ["java", "docker.io/me/java:1", false],
    ["docker.io/library/busybox", "docker.io/library/busybox:1", false],
    ["localhost:5000/app", "localhost:5000/app:1", true],
    ["app:v[0-9]", "docker.io/library/app:v7", true],
    ["app:v[^0-9]", "docker.io/library/app:v7", false],
    ["app:?", "docker.io/library/app:12", false],
    ["a.p", "docker.io/library/app:1", false],
    ["app@sha256:*", digest, true],
    ["app", digest, true],
    ["\\app", "docker.io/library/app:1", true],
  ] as const) {
    test(`${pattern} ${met ? "meets" : "does not meet"} ${name.slice(0, 40)}`, () => expect(matchReferenceGlob(pattern, name)).toBe(met));
  }
  for (const pattern of ["[", "a[", "a[]", "[a-", "a\\", "[-a]"]) {
    test(`${pattern} is no pattern`, () => expect(() => matchReferenceGlob(pattern, "docker.io/library/app:1")).toThrow("syntax error in pattern"));
  }
});
