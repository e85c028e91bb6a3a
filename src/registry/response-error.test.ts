// Refusals as the real Docker was seen to tell them.
import { expect, test } from "bun:test";
import { failureDetail } from "./failure.ts";
import type { Reply } from "./reply.ts";
import { responseError } from "./response-error.ts";

const HTML = { "content-type": "text/html; charset=utf-8" };
const errors = (...list: object[]) => JSON.stringify({ errors: list });

function reply(status: number, text: string, headers: Record<string, string> = { "content-type": "application/json" }, statusText = ""): Reply {
  return { status, statusText, headers, url: new URL("http://registry/v2/"), method: "GET", bytes: async () => Buffer.from(text), discard: () => undefined } as unknown as Reply;
}

test.each([
  [403, "<p>no</p>", HTML, "forbidden", "denied: <p>no</p>"],
  [401, "<p>no</p>", HTML, "unauthorized", "unauthorized: <p>no</p>"],
  [429, "slow", HTML, "exhausted", "toomanyrequests: slow"],
  [404, "", {}, "internal", "unknown: "],
  [404, "", undefined, "internal", 'error parsing HTTP 404 response body: unexpected end of JSON input: ""'],
  [400, "{}", undefined, "internal", 'error parsing HTTP 400 response body: no error details found in HTTP response body: "{}"'],
  [401, "x", undefined, "unauthorized", "unauthorized: authentication required"],
  [429, '{"details":"enough"}', undefined, "exhausted", "toomanyrequests: enough"],
  [404, errors({ code: "MANIFEST_UNKNOWN", message: "manifest unknown", detail: {} }), undefined, "not_found", "manifest unknown: manifest unknown"],
  [404, errors({ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }), undefined, "not_found", "manifest unknown"],
  [400, errors({ code: "MADE_UP", message: "some words", detail: {} }), undefined, "internal", "unknown: some words"],
  [403, errors({ code: "DENIED", message: "one", detail: {} }, { code: "UNSUPPORTED", message: "two", detail: {} }), undefined, "forbidden", "errors:\ndenied: one\nunsupported: two\n"],
] as const)("%p %p", async (status, text, headers, kind, message) => expect(await responseError(reply(status, text, headers))).toMatchObject({ kind, message }));

test("what comes from the server's own trouble is not read", async () => {
  expect((await responseError(reply(503, errors({ code: "DENIED" }), undefined, "Service Unavailable"))).message).toBe("received unexpected HTTP status: 503 Service Unavailable");
});

test("which are worth another try, and when", async () => {
  const detail = async (status: number, after?: string) => failureDetail(await responseError(reply(status, "", after === undefined ? {} : { "retry-after": after })));
  for (const status of [408, 429, 500, 502, 503, 504]) expect(await detail(status)).toMatchObject({ retry: true });
  for (const status of [400, 401, 403, 404, 416, 501]) expect(await detail(status)).toMatchObject({ retry: false });
  expect((await detail(429, "7")).retryAfterSeconds).toBe(7);
  expect((await detail(429, new Date(Date.now() + 50_000).toUTCString())).retryAfterSeconds).toBeWithin(45, 51);
  expect((await detail(429, "Thu, 01 Jan 1970 00:00:00 GMT")).retryAfterSeconds).toBe(0);
  // nobody waits an hour in silence
  expect((await detail(429, "3600")).retryAfterSeconds).toBe(120);
  expect((await detail(429, "soon")).retryAfterSeconds).toBeUndefined();
});
