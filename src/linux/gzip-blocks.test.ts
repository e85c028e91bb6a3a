import { expect, test } from "bun:test";
import { gunzipSync } from "node:zlib";
import { GzipBlocks } from "./gzip-blocks.ts";

function compressed(bytes: Uint8Array, step: number): Buffer {
  const out: Uint8Array[] = [];
  const gzip = new GzipBlocks((part) => out.push(part));
  for (let at = 0; at < bytes.length; at += step) gzip.add(bytes.subarray(at, at + step));
  gzip.end();
  return Buffer.concat(out);
}

test("several members are one gzip file, the same however the bytes came", () => {
  const bytes = Buffer.alloc((2 << 20) + 12345, "what a layer may hold; ");
  const whole = compressed(bytes, bytes.length);
  expect(gunzipSync(whole).equals(bytes)).toBe(true);
  expect(compressed(bytes, 777_777).equals(whole)).toBe(true);
  expect(whole.length).toBeLessThan(bytes.length / 50);
});

test("nothing is a gzip file too", () => {
  expect(gunzipSync(compressed(Buffer.alloc(0), 1)).length).toBe(0);
});
