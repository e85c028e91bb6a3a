import { describe, expect, test } from "bun:test";
import { canonicalName, familiarName, familiarRepository, isDigest, isIdPrefix, parseReference, shortId, withDefaultTag } from "./reference.ts";

const HEX = "a".repeat(64);

describe("a typed name", () => {
  for (const [text, full] of [
    ["busybox", "docker.io/library/busybox:latest"],
    ["busybox:1.36", "docker.io/library/busybox:1.36"],
    ["me/app", "docker.io/me/app:latest"],
    ["index.docker.io/app", "docker.io/library/app:latest"],
    ["docker.io/app:x", "docker.io/library/app:x"],
    ["localhost/app", "localhost/app:latest"],
    ["localhost:5000/a/b:1", "localhost:5000/a/b:1"],
    ["Foo/app", "Foo/app:latest"],
    ["[::1]:5000/app", "[::1]:5000/app:latest"],
    [`app@sha256:${HEX}`, `docker.io/library/app@sha256:${HEX}`],
    [`app:1@sha256:${HEX}`, `docker.io/library/app@sha256:${HEX}`],
    ["a__b.c--d", "docker.io/library/a__b.c--d:latest"],
  ] as const) {
    test(`${text} is ${full}`, () => {
      expect(canonicalName(withDefaultTag(parseReference(text)))).toBe(full);
    });
  }

  for (const [text, message] of [
    ["", "invalid reference format"],
    ["foo bar", "invalid reference format"],
    ["foo:", "invalid reference format"],
    ["a//b", "invalid reference format"],
    ["foo:a/b", "invalid reference format"],
    ["-foo", "invalid reference format"],
    ["foo@sha256:abc", "invalid reference format"],
    ["A", "invalid reference format: repository name (library/A) must be lowercase"],
    ["localhost/A:x", "invalid reference format: repository name (A) must be lowercase"],
    [HEX, `invalid repository name (${HEX}), cannot specify 64-byte hexadecimal strings`],
    [`app@sha256:${"a".repeat(40)}`, "invalid checksum digest length"],
    [`app@md5:${"a".repeat(32)}`, "unsupported digest algorithm"],
    [`a/${"b".repeat(255)}`, "repository name must not be more than 255 characters"],
  ] as const) {
    test(`${JSON.stringify(text.slice(0, 30))} is refused: ${message.slice(0, 60)}`, () => {
      expect(() => parseReference(text)).toThrow(message);
    });
  }
});

test("familiar names leave out what Docker adds", () => {
  expect(familiarName("docker.io/library/busybox:1")).toBe("busybox:1");
  expect(familiarName("docker.io/me/app:1")).toBe("me/app:1");
  expect(familiarName(`docker.io/library/a@sha256:${HEX}`)).toBe(`a@sha256:${HEX}`);
  expect(familiarName("localhost:5000/a")).toBe("localhost:5000/a");
  expect(familiarName("localhost:5000/library/a:2")).toBe("localhost:5000/library/a:2");
  expect(familiarRepository("docker.io/library/a/b")).toBe("library/a/b");
});

test("ids and digests", () => {
  expect(shortId(`sha256:${HEX}`)).toBe("a".repeat(12));
  expect(shortId("0123456789abcdef")).toBe("0123456789ab");
  expect(isIdPrefix("sha256:ab")).toBe(true);
  expect(isIdPrefix("ab")).toBe(true);
  expect(isIdPrefix("xyz")).toBe(false);
  expect(isIdPrefix("AB")).toBe(false);
  expect(isDigest(`sha256:${HEX}`)).toBe(true);
  expect(isDigest(HEX)).toBe(false);
});
