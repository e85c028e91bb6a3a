import { expect, test } from "bun:test";
import { errorProgress, writeProgress } from "./progress.ts";

const text = (progressDetail: object) => (JSON.parse(writeProgress({ status: "Downloading", progressDetail })) as { progress?: string }).progress;

test("one line per message, members in Docker's order", () => {
  expect(writeProgress({ id: "abc", status: "Pulling fs layer", progressDetail: {} })).toBe('{"status":"Pulling fs layer","progressDetail":{},"id":"abc"}\r\n');
  expect(writeProgress({ stream: "Loaded image: a:1\n" })).toBe('{"stream":"Loaded image: a:1\\n"}\r\n');
  expect(writeProgress(errorProgress("no"))).toBe('{"errorDetail":{"message":"no"},"error":"no"}\r\n');
});

test("the bar is drawn from the numbers", () => {
  expect(text({ current: 512, total: 2048 })).toBe(`[============>${" ".repeat(38)}]     512B/2.048kB`);
  expect(text({ current: 3000, total: 2048 })).toBe(`[${"=".repeat(50)}>]      3kB`);
  expect(text({ current: 1_500_000 })).toBe("   1.5MB");
  expect(text({ current: 3, units: "s" })).toBe("3 s");
  expect(text({})).toBeUndefined();
});
