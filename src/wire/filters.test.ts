import { describe, expect, test } from "bun:test";
import { checkFilterKeys, filterBool, matchLabels, parseFilters, parseUntil, writeFilters } from "./filters.ts";

const of = (map: Record<string, string[]>) => new Map(Object.entries(map));

test("both forms mean the same, and come back as written", () => {
  const filters = of({ label: ["a=b", "c"], dangling: ["true"] });
  expect(parseFilters('{"label":["a=b","c","c"],"dangling":["true"]}')).toEqual(filters);
  expect(parseFilters('{"label":{"a=b":true,"c":true},"dangling":{"true":true}}')).toEqual(filters);
  expect(parseFilters(writeFilters(filters))).toEqual(filters);
});

test("none is none", () => {
  for (const text of [undefined, "", "null", "{}"]) expect(parseFilters(text).size).toBe(0);
});

describe("what is no filter", () => {
  for (const text of ["junk", "[]", '""', "1", '{"a":1}', '{"a":[1]}', '{"a":{"b":1}}', '{"a":"b"}']) {
    test(text, () => expect(() => parseFilters(text)).toThrow("invalid filter"));
  }
});

test("an unknown key is named", () => {
  expect(() => checkFilterKeys(of({ colour: ["red"] }), ["label"])).toThrow("invalid filter 'colour'");
  expect(() => checkFilterKeys(of({ label: ["red"] }), ["label"])).not.toThrow();
});

test("booleans", () => {
  expect(filterBool(of({}), "dangling")).toBeUndefined();
  for (const yes of ["1", "true"]) expect(filterBool(of({ dangling: [yes] }), "dangling")).toBe(true);
  for (const no of ["0", "false"]) expect(filterBool(of({ dangling: [no] }), "dangling")).toBe(false);
  expect(() => filterBool(of({ dangling: ["maybe"] }), "dangling")).toThrow("invalid filter 'dangling=[maybe]'");
  expect(() => filterBool(of({ dangling: ["1", "0"] }), "dangling")).toThrow("invalid filter 'dangling=[1 0]'");
});

test("labels: every wanted one", () => {
  const labels = { a: "1", b: "x=y" };
  expect(matchLabels(of({}), undefined)).toBe(true);
  expect(matchLabels(of({ label: ["a"] }), undefined)).toBe(false);
  expect(matchLabels(of({ label: ["a", "b=x=y"] }), labels)).toBe(true);
  expect(matchLabels(of({ label: ["a=2"] }), labels)).toBe(false);
  expect(matchLabels(of({ label: ["toString"] }), labels)).toBe(false);
  expect(matchLabels(of({ "label!": ["a=1"] }), labels, "label!")).toBe(true);
});

test("until", () => {
  expect(parseUntil("1h", 7_200_000)).toBe(3_600_000);
});
