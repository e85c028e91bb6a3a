import { expect, test } from "bun:test";
import { DetachWatch, parseDetachKeys } from "./detach-keys.ts";

test.each([
  ["", [16, 17]],
  ["ctrl-p,ctrl-q", [16, 17]],
  ["a", [97]],
  ["ctrl-a,d", [1, 100]],
  ["ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_", [0, 27, 28, 29, 30, 31]],
  ["foo-x", undefined],
  ["ctrl-", undefined],
  ["ctrl-p,", undefined],
])("%p", (text, keys) => {
  expect(parseDetachKeys(text)).toEqual(keys);
});

const feed = (...pieces: string[]): { passed: string; detached: boolean } => {
  const watch = new DetachWatch([16, 17]);
  let passed = "";
  for (const piece of pieces) {
    const { pass, detached } = watch.take(Buffer.from(piece, "latin1"));
    passed += Buffer.from(pass).toString("latin1");
    if (detached) return { passed, detached };
  }
  return { passed, detached: false };
};

test.each([
  [["hello"], "hello", false],
  [["ab\x10\x11cd"], "ab", true],
  [["ab\x10", "\x11"], "ab", true],
  [["\x10", "x"], "\x10x", false],
  [["\x10\x10\x11"], "\x10", true],
  [["\x11\x10"], "\x11", false],
])("%p", (pieces, passed, detached) => {
  expect(feed(...(pieces as string[]))).toEqual({ passed: passed as string, detached: detached as boolean });
});
