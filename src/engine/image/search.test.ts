// Searches as the real Docker was seen to answer them.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { type FakeRegistry, send, startFakeRegistry } from "../../../test/support/fake-registry.ts";
import { createLog } from "../../base/log.ts";
import { openRegistry } from "../../registry/open.ts";
import { searchImages } from "./search.ts";

let server: FakeRegistry;
let registry: ReturnType<typeof openRegistry>;
beforeEach(async () => {
  server = await startFakeRegistry();
  registry = openRegistry({ mirrors: [], insecureRegistries: [], certDirectories: [], userAgent: "test", maxAttempts: 1, environment: {} }, createLog("debug", () => undefined));
});
afterEach(async () => {
  await registry.close();
  await server[Symbol.asyncDispose]();
});

const search = (filters: Record<string, string[]> = {}, term = `${server.address}/foo bar`) => searchImages({ registry }, { term, limit: 25, filters: new Map(Object.entries(filters)), auth: undefined });
function answer(status: number, body: unknown): void {
  server.fault = (request, response) => {
    if (request.url?.startsWith("/v1/search") !== true) return false;
    send(response, status, typeof body === "string" ? body : JSON.stringify(body));
    return true;
  };
}
const results = [
  { name: "foo", description: "a foo", star_count: 10, is_official: true, is_automated: true, is_trusted: true },
  { name: "bar/foo", star_count: 3, is_official: false },
];

test("what the registry finds, in Docker's members, filtered", async () => {
  answer(200, { num_results: 2, results });
  const [foo, bar] = [{ star_count: 10, is_official: true, name: "foo", is_automated: false, description: "a foo" }, { star_count: 3, is_official: false, name: "bar/foo", is_automated: false, description: "" }];
  expect(await search()).toEqual([foo, bar]);
  expect(server.seen.map(({ url }) => url)).toEqual(["/v1/_ping", "/v1/search?q=foo+bar&n=25"]);
  expect([await search({ "is-official": ["true"] }), await search({ "is-official": ["false"] }), await search({ stars: ["2", "4"] }), await search({ "is-automated": ["true"] })]).toEqual([[foo], [bar], [foo], []]);
});

test.each([
  [{ stars: ["x"] }, `invalid filter 'stars=x': strconv.Atoi: parsing "x": invalid syntax`],
  [{ "is-official": ["x"] }, "invalid filter 'is-official=[x]'"],
  [{ name: ["x"] }, "invalid filter 'name'"],
] as [Record<string, string[]>, string][])("%p is refused", async (filters, message) => {
  await expect(search(filters)).rejects.toMatchObject({ kind: "invalid", message });
  expect(server.seen).toEqual([]);
});

test("registries that do not offer it, or not well", async () => {
  for (const [status, body, message] of [
    [404, "x", "Unexpected status code 404"],
    [500, "x", "Unexpected status code 500"],
    [200, "<html>", "error decoding registry search results: invalid character '<' looking for beginning of value"],
  ] as const) {
    answer(status, body);
    await expect(search()).rejects.toMatchObject({ kind: "internal", message, detail: {} });
  }
  answer(200, { results: null });
  expect(await search()).toEqual([]);
  const attempt = (scheme: string) => `Get "${scheme}://127.0.0.1:1/v1/_ping": dial tcp 127.0.0.1:1: connect: connection refused`;
  await expect(search({}, "127.0.0.1:1/x")).rejects.toMatchObject({ kind: "invalid", message: `invalid registry endpoint "http://127.0.0.1:1/v1/". HTTPS attempt: ${attempt("https")}. HTTP attempt: ${attempt("http")}` });
  await expect(search({}, "http://127.0.0.1:1/x")).rejects.toThrow("invalid repository name: repository name (http://127.0.0.1:1/x) should not have a scheme");
});
