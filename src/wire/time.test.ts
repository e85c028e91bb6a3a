import { describe, expect, test } from "bun:test";
import { parseGoDuration, parseTimestamp, parseUnixSeconds, writeGoDuration } from "./time.ts";

const NOW_MS = Date.UTC(2026, 5, 15, 12, 0, 0);
const ms = (text: string) => Number(parseTimestamp(text, NOW_MS).ns / 1_000_000n);

describe("a moment", () => {
  for (const [text, expected] of [
    ["10m", NOW_MS - 600_000],
    ["1h30m", NOW_MS - 5_400_000],
    ["168h", NOW_MS - 7 * 86_400_000],
    ["-5m", NOW_MS + 300_000],
    ["0", 0],
    ["1136073600", 1_136_073_600_000],
    ["1136073600.5", 1_136_073_600_500],
    ["2026-01-02T15:04:05Z", Date.UTC(2026, 0, 2, 15, 4, 5)],
    ["2026-01-02T15:04:05.25+02:00", Date.UTC(2026, 0, 2, 13, 4, 5, 250)],
    ["2026-01-02T15:04-01:30", Date.UTC(2026, 0, 2, 16, 34)],
    ["2026-01-02T15Z", Date.UTC(2026, 0, 2, 15)],
    ["2026-01-02Z", Date.UTC(2026, 0, 2)],
    ["2026-01-02", new Date(2026, 0, 2).getTime()],
    ["2026-01-02T15", new Date(2026, 0, 2, 15).getTime()],
    ["2026-01-02T15:04", new Date(2026, 0, 2, 15, 4).getTime()],
    ["2026-01-02T15:04:05", new Date(2026, 0, 2, 15, 4, 5).getTime()],
    ["2026-01-02T15:04:05.5", new Date(2026, 0, 2, 15, 4, 5, 500).getTime()],
  ] as const) {
    test(text, () => expect(ms(text)).toBe(expected));
  }

  test("keeps nanoseconds", () => {
    expect(parseTimestamp("2026-01-02T15:04:05.123456789Z", NOW_MS).ns % 1_000_000_000n).toBe(123456789n);
    expect(parseTimestamp("5.000000001", NOW_MS).ns).toBe(5_000_000_001n);
  });

  for (const [text, message] of [
    ["abc", 'failed to parse value as time or duration: "abc"'],
    ["2d", 'failed to parse value as time or duration: "2d"'],
    ["", 'failed to parse value as time or duration: ""'],
    ["1136073600.x", 'failed to parse value as time or duration: "1136073600.x"'],
    ["2026-1-2", 'parsing time "2026-1-2" as "2006-01-02": cannot parse "1-2" as "01"'],
    ["-100", 'parsing time "-100" as "2006-01-02": cannot parse "-100" as "2006"'],
    ["2026-13-01", 'parsing time "2026-13-01": month out of range'],
    ["2026-02-30", 'parsing time "2026-02-30": day out of range'],
  ] as const) {
    test(`${JSON.stringify(text)} is refused`, () => expect(() => parseTimestamp(text, NOW_MS)).toThrow(message));
  }
});

test("unix seconds of logs and events", () => {
  expect(parseUnixSeconds("12.5")?.ns).toBe(12_500_000_000n);
  expect(parseUnixSeconds("")).toBeUndefined();
  expect(() => parseUnixSeconds("10m")).toThrow('strconv.ParseInt: parsing "10m": invalid syntax');
});

test("durations, both ways", () => {
  for (const text of ["0s", "1ns", "1.5µs", "100ms", "1.5s", "1m30s", "1h0m0s", "26h3m4.5s", "-1m0s"]) expect(writeGoDuration(parseGoDuration(text))).toBe(text);
  expect(parseGoDuration(".5s")).toBe(5e8);
  expect(() => parseGoDuration("5")).toThrow('time: missing unit in duration "5"');
  expect(() => parseGoDuration("5d")).toThrow('time: unknown unit "d" in duration "5d"');
  expect(() => parseGoDuration("x")).toThrow('time: invalid duration "x"');
  expect(() => parseGoDuration("")).toThrow('time: invalid duration ""');
});
