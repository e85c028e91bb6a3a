import { expect, test } from "bun:test";
import { frame, FrameParser } from "./stdcopy.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (value: string) => new TextEncoder().encode(value);

test("a frame has stream, length and bytes", () => {
  expect([...frame(2, bytes("hi"))]).toEqual([2, 0, 0, 0, 0, 0, 0, 2, 104, 105]);
});

test("frames come back whatever the cuts", () => {
  const whole = Buffer.concat([frame(1, bytes("out")), frame(2, bytes("error")), frame(1, bytes("")), frame(1, bytes("x".repeat(300)))]);
  for (const size of [1, 2, 3, 7, 8, 9, 50, whole.length]) {
    const parser = new FrameParser();
    const got: Record<number, string> = {};
    for (let at = 0; at < whole.length; at += size) {
      for (const part of parser.push(whole.subarray(at, at + size))) got[part.stream] = (got[part.stream] ?? "") + text(part.bytes);
    }
    expect(got).toEqual({ 1: `out${"x".repeat(300)}`, 2: "error" });
    expect(parser.complete).toBe(true);
  }
});

test("what is half received is known", () => {
  const parser = new FrameParser();
  parser.push(frame(1, bytes("abc")).subarray(0, 9));
  expect(parser.complete).toBe(false);
});
