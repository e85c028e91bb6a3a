// Logins as the real Docker was seen to answer them.
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type FakeRegistry, refuse, send, startFakeRegistry } from "../../test/support/fake-registry.ts";
import { createLog } from "../base/log.ts";
import { openRegistry } from "./open.ts";
import type { AuthConfig, Registry } from "./registry.ts";

const [USER, PASSWORD] = ["joe", "Pass-7f3a91"];
const BASIC = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}`;
let server: FakeRegistry;
let registry: Registry;
let logged = "";

beforeEach(async () => {
  server = await startFakeRegistry();
  logged = "";
  registry = openRegistry({ mirrors: [], insecureRegistries: [], certDirectories: [], userAgent: "test", maxAttempts: 1, environment: {} }, createLog("debug", (line) => void (logged += line)));
});
afterEach(async () => {
  expect(logged).not.toContain(PASSWORD);
  await registry.close();
  await server[Symbol.asyncDispose]();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const ok: Answer = (_, response) => send(response, 200, "{}");
const login = (more: AuthConfig = {}) => registry.login({ username: USER, password: PASSWORD, serveraddress: server.address, ...more });
const entry = () => `http://${server.address}/v2/`;

async function refusal(more?: AuthConfig): Promise<{ kind: string; message: string; detail: object }> {
  const error = await login(more).then(
    () => ({ kind: "none", message: "logged in", detail: {} }),
    (reason: unknown) => reason as { kind: string; message: string; detail: object },
  );
  expect([error.detail, error.message.includes(PASSWORD)]).toEqual([{}, false]);
  return error;
}

function askBasic(then: Answer): void {
  server.fault = (request, response) => {
    if (request.headers.authorization === BASIC) then(request, response);
    else refuse(response, 401, "UNAUTHORIZED", "authentication required", { "www-authenticate": 'Basic realm="here"' });
    return true;
  };
}

function askBearer(grant: Answer, then: Answer = ok, realm = `http://${server.address}/token`): void {
  server.fault = (request, response) => {
    if (request.url?.startsWith("/token") === true) grant(request, response);
    else if (request.headers.authorization?.startsWith("Bearer ") === true) then(request, response);
    else refuse(response, 401, "UNAUTHORIZED", "authentication required", { "www-authenticate": `Bearer realm="${realm}",service="s"` });
    return true;
  };
}

test("who asks nothing lets everybody in", async () => expect(await login()).toEqual({ Status: "Login Succeeded" }));

test("basic: right, wrong, none, and a registry that has other troubles", async () => {
  askBasic(ok);
  expect(await login()).toEqual({ Status: "Login Succeeded" });
  expect(await refusal({ password: "other" })).toMatchObject({ kind: "internal", message: `login attempt to ${entry()} failed with status: 401 Unauthorized` });
  expect((await refusal({ password: "" })).message).toBe(`Get "${entry()}": no basic auth credentials`);
  for (const [status, words] of [[403, "Forbidden"], [404, "Not Found"], [500, "Internal Server Error"]] as const) {
    askBasic((_, response) => send(response, status, "x"));
    expect((await refusal()).message).toBe(`login attempt to ${entry()} failed with status: ${status} ${words}`);
  }
});

test("a token is asked for to be kept, and tried", async () => {
  const asked: string[] = [];
  askBearer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    send(response, 200, JSON.stringify({ token: "t", refresh_token: "keep" }));
  });
  expect(await login()).toEqual({ Status: "Login Succeeded", IdentityToken: "keep" });
  expect(asked).toEqual([`/token?account=${USER}&client_id=docker&offline_token=true&service=s ${BASIC}`]);
  expect(server.seen.map(({ url, headers }) => [url, headers.authorization]).at(-1)).toEqual(["/v2/", "Bearer t"]);
  askBearer((_, response) => send(response, 200, '{"token":"t"}'), (_, response) => refuse(response, 403, "DENIED", "not you"));
  expect((await refusal()).message).toBe(`login attempt to ${entry()} failed with status: 403 Forbidden`);
});

test("an identity token that is good stays the one to use", async () => {
  askBearer((_, response) => send(response, 200, '{"access_token":"t"}'));
  expect(await login({ username: "<token>", password: "", identitytoken: "mine" })).toEqual({ Status: "Login Succeeded", IdentityToken: "mine" });
});

test("token servers that refuse, break or are not there", async () => {
  const cases: [Answer, string, string][] = [
    [(_, response) => send(response, 401, '{"details":"incorrect username or password"}'), "unauthorized", "unauthorized: incorrect username or password"],
    [(_, response) => refuse(response, 403, "DENIED", "requested access to the resource is denied"), "forbidden", "denied: requested access to the resource is denied"],
    [(_, response) => send(response, 500, PASSWORD), "internal", "received unexpected HTTP status: 500 Internal Server Error"],
    [(_, response) => send(response, 200, "<html>"), "internal", "unable to decode token response: invalid character '<' looking for beginning of value"],
    [ok, "internal", "authorization server did not include a token in the response"],
  ];
  for (const [grant, kind, message] of cases) {
    askBearer(grant);
    expect(await refusal()).toMatchObject({ kind, message: `Get "${entry()}": ${message}` });
  }
  askBearer(ok, ok, "http://127.0.0.1:1/token");
  expect((await refusal()).message).toBe(`Get "${entry()}": Get "http://127.0.0.1:1/token?account=${USER}&client_id=docker&offline_token=true&service=s": dial tcp 127.0.0.1:1: connect: connection refused`);
});

test("no registry there", async () => {
  expect((await refusal({ serveraddress: "127.0.0.1:1" })).message).toBe('Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused');
  server.fault = (_, response) => {
    response.destroy();
    return true;
  };
  expect((await refusal()).message).toBe(`Get "${entry()}": EOF`);
});
