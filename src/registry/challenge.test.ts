import { expect, test } from "bun:test";
import { parseChallenges } from "./challenge.ts";

test.each([
  [undefined, []],
  ["", []],
  ['Bearer realm="https://t/token",service="the, service",scope="repository:a/b:pull,push"', [["bearer", { realm: "https://t/token", service: "the, service", scope: "repository:a/b:pull,push" }]]],
  ["BASIC Realm=here", [["basic", { realm: "here" }]]],
  ['Basic realm="a", Bearer realm="b" , service = "c"', [["basic", { realm: "a" }], ["bearer", { realm: "b", service: "c" }]]],
  ["Negotiate, Basic realm=x", [["negotiate", {}], ["basic", { realm: "x" }]]],
  [String.raw`Basic realm="say \"hi\""`, [["basic", { realm: 'say "hi"' }]]],
  ['Basic realm="never ends', [["basic", {}]]],
  ["=,=;", []],
] as const)("%p", (header, found) => {
  expect(parseChallenges(header).map(({ scheme, parameters }) => [scheme, parameters]) as unknown).toEqual(found as unknown);
});
