import { expect, test } from "bun:test";
import { binarySize, humanSize } from "./human-size.ts";

test("decimal units, digits as asked", () => {
  expect(humanSize(0)).toBe("0B");
  expect(humanSize(999)).toBe("999B");
  expect(humanSize(1234567)).toBe("1.235MB");
  expect(humanSize(64_200_000, 3)).toBe("64.2MB");
  expect(humanSize(8_119_000_000)).toBe("8.119GB");
});

test("as C rounds: three digits of a thousand need an exponent", () => {
  expect(humanSize(999_999, 3)).toBe("1e+03kB");
  expect(humanSize(999_999)).toBe("1000kB");
  expect(binarySize(7_864_320)).toBe("7.5MiB");
});
