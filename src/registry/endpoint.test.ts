import { expect, test } from "bun:test";
import { endpointsOf, isInsecure } from "./endpoint.ts";

const options = { mirrors: ["https://mirror/", "http://127.0.0.1:5001/hub"], insecureRegistries: ["10.0.0.0/8", "r:5000", "http://with-scheme:5000/"], certDirectories: [], systemRoots: () => [] };

test.each([
  ["127.0.0.1:5000", true],
  ["127.3.2.1", true],
  ["localhost:5000", true],
  ["[::1]:5000", true],
  ["10.200.0.1:5000", true],
  ["192.0.2.1:5000", false],
  ["r:5000", true],
  ["r", false],
  ["with-scheme:5000", true],
] as const)("%s may go without TLS: %p", async (host, may) => expect(await isInsecure(host, options.insecureRegistries)).toBe(may));

test("TLS first, then plain HTTP where that may be", async () => {
  const bases = async (domain: string, withMirrors = true) => (await endpointsOf(domain, withMirrors, options)).map(({ base, mirror, trust }) => [base, mirror, trust.verify]);
  expect(await bases("192.0.2.1:5000")).toEqual([["https://192.0.2.1:5000", false, true]]);
  expect(await bases("r:5000")).toEqual([["https://r:5000", false, false], ["http://r:5000", false, false]]);
  expect(await bases("docker.io")).toEqual([["https://mirror", true, true], ["http://127.0.0.1:5001/hub", true, false], ["https://registry-1.docker.io", false, true]]);
  // a push goes to the registry itself
  expect(await bases("docker.io", false)).toEqual([["https://registry-1.docker.io", false, true]]);
});
