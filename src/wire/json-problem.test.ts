import { expect, test } from "bun:test";
import { jsonProblem } from "./json-problem.ts";

// the texts are those of Go, encoding/json/scanner.go
test.each([
  ["", "unexpected end of JSON input"],
  ["  ", "unexpected end of JSON input"],
  ["{", "unexpected end of JSON input"],
  ['{"a"', "unexpected end of JSON input"],
  ["nope", "invalid character 'o' in literal null (expecting 'u')"],
  ["tru", "unexpected end of JSON input"],
  ["{nope", "invalid character 'n' looking for beginning of object key string"],
  ["<html>", "invalid character '<' looking for beginning of value"],
  ["[1 2]", "invalid character '2' after array element"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b"}', `invalid character '"' after object key:value pair`],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ["[1,]", "invalid character ']' looking for beginning of value"],
  ["{} x", "invalid character 'x' after top-level value"],
  ["01", "invalid character '1' after top-level value"],
  ["-x", "invalid character 'x' in numeric literal"],
  ["1.x", "invalid character 'x' after decimal point in numeric literal"],
  ["1e+", "unexpected end of JSON input"],
  ["1ex", "invalid character 'x' in exponent of numeric literal"],
  ['"a\nb"', String.raw`invalid character '\n' in string literal`],
  [String.raw`"\x"`, "invalid character 'x' in string escape code"],
  [String.raw`"\u12g4"`, String.raw`invalid character 'g' in \u hexadecimal character escape`],
  ["'a'", String.raw`invalid character '\'' looking for beginning of value`],
])("%j", (text, problem) => {
  expect(jsonProblem(text)).toBe(problem);
  expect(() => JSON.parse(text)).toThrow();
});

test.each(['{"a":[1,-2.5e+3,true,null,"\\u00e9\\n"],"b":{}}', " [] ", "0", '"x"'])("%j has none", (text) => {
  expect(jsonProblem(text)).toBeUndefined();
});

test("what is nested without end is no JSON, and no trouble", () => {
  for (const piece of ["[", '{"a":']) expect(jsonProblem(piece.repeat(1_000_000))).toBe("exceeded max depth");
});
