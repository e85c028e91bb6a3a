// Who asks: tokens of every kind, basic, and that no secret is heard anywhere else.
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type FakeImage, type FakeRegistry, refuse, send, startFakeRegistry } from "../../../test/support/fake-registry.ts";
import { type PullLab, startPullLab } from "../../../test/support/pull-lab.ts";
import type { AuthConfig } from "../../registry/registry.ts";

const SECRET = "tOp-sEcReT";
let lab: PullLab;
let registry: FakeRegistry;
let image: FakeImage;
let name = "";

beforeEach(async () => {
  lab = await startPullLab();
  registry = await startFakeRegistry();
  image = registry.image("team/app", "v1", [{ files: [{ name: "a", content: "a" }] }]);
  name = `${registry.address}/team/app`;
});
afterEach(async () => {
  // whatever happened: not a word of it
  expect(lab.logged()).not.toContain(SECRET);
  expect(JSON.stringify(lab.test.rawEvents())).not.toContain(SECRET);
  await lab[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

const pull = (auth?: AuthConfig) => lab.pull(name, { tag: "v1", ...(auth === undefined ? {} : { auth }) });
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
const isHere = () => lab.engine.store.view((tx) => tx.images.has(image.id));

async function refusal(auth?: AuthConfig): Promise<{ kind: string; message: string }> {
  const error = await pull(auth).then(
    () => ({ kind: "none", message: "it was pulled" }),
    (reason: unknown) => reason as { kind: string; message: string },
  );
  expect(error.message).not.toContain(SECRET);
  return error;
}

interface Asked {
  url: URL;
  authorization: string | undefined;
  form: URLSearchParams;
  method: string;
}

/** Every request needs one of the `good` tokens; the token server's answer is `grant`'s. */
function needToken(good: () => string | undefined, grant: (asked: Asked, response: ServerResponse) => void): void {
  registry.fault = (request, response) => {
    if (request.url?.startsWith("/token") === true) {
      void readForm(request).then((form) => grant({ url: new URL(request.url ?? "", "http://x"), authorization: request.headers.authorization, form, method: request.method ?? "" }, response));
      return true;
    }
    if (request.headers.authorization === `Bearer ${good()}`) return false;
    const challenge = `Bearer realm="http://${registry.address}/token",service="the service",scope="repository:team/app:pull"`;
    refuse(response, 401, "UNAUTHORIZED", "authentication required", { "www-authenticate": challenge });
    return true;
  };
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return new URLSearchParams(Buffer.concat(parts).toString());
}
const give = (response: ServerResponse, body: object) => send(response, 200, JSON.stringify(body));

test("a token for nobody in particular", async () => {
  const asked: Asked[] = [];
  needToken(
    () => "t0",
    (one, response) => {
      asked.push(one);
      give(response, { token: "t0" });
    },
  );
  await pull();
  expect(asked.map(({ url, authorization, method }) => [method, url.searchParams.get("service"), url.searchParams.get("scope"), authorization])).toEqual([["GET", "the service", "repository:team/app:pull", undefined]]);
});

test("a token for user and password, which go to the token server alone", async () => {
  const asked: Asked[] = [];
  needToken(
    () => "t1",
    (one, response) => {
      asked.push(one);
      give(response, { access_token: "t1" });
    },
  );
  await pull({ username: "bob", password: SECRET });
  expect(asked.map(({ url, authorization }) => [url.searchParams.get("account"), authorization])).toEqual([["bob", basic("bob", SECRET)]]);
  expect(registry.seen.filter(({ url }) => !url.startsWith("/token")).every(({ headers }) => [undefined, "Bearer t1"].includes(headers.authorization))).toBe(true);
});

test("`auth` of a configuration file stands for user and password", async () => {
  let authorization: string | undefined;
  needToken(
    () => "t",
    (one, response) => {
      authorization = one.authorization;
      give(response, { token: "t" });
    },
  );
  await pull({ auth: Buffer.from(`bob:${SECRET}`).toString("base64") });
  expect(authorization).toBe(basic("bob", SECRET));
});

test("a token that has become bad is replaced by another", async () => {
  let serial = 0;
  let uses = 0;
  needToken(
    () => (++uses % 3 === 0 ? undefined : `t${serial}`),
    (_, response) => give(response, { token: `t${++serial}`, expires_in: 300 }),
  );
  await pull();
  expect(serial).toBeGreaterThan(1);
  expect(isHere()).toBe(true);
});

test("an identity token is exchanged by POST, in the body", async () => {
  const asked: Asked[] = [];
  needToken(
    () => "t2",
    (one, response) => {
      asked.push(one);
      give(response, { access_token: "t2", refresh_token: `${SECRET}2` });
    },
  );
  await pull({ identitytoken: SECRET });
  expect(asked.map(({ method, form, url }) => [method, form.get("grant_type"), form.get("refresh_token"), form.get("scope"), url.search])).toEqual([["POST", "refresh_token", SECRET, "repository:team/app:pull", ""]]);
});

test("a registry token is used as it is", async () => {
  needToken(
    () => SECRET,
    (_, response) => send(response, 500, "not asked for"),
  );
  await pull({ registrytoken: SECRET });
  expect(registry.gets("/token")).toBe(0);
});

test("a wrong password at the token server", async () => {
  needToken(
    () => "t",
    (_, response) => send(response, 401, JSON.stringify({ details: "incorrect username or password" })),
  );
  expect(await refusal({ username: "bob", password: SECRET })).toMatchObject({ kind: "unauthorized", message: `Head "http://${registry.address}/v2/team/app/manifests/v1": unauthorized: incorrect username or password` });
});

test("a token that does not suffice", async () => {
  registry.fault = (request, response) => {
    if (request.url?.startsWith("/token") === true) send(response, 200, JSON.stringify({ token: "t" }));
    else refuse(response, 401, "UNAUTHORIZED", "authentication required", { "www-authenticate": `Bearer realm="http://${registry.address}/token",service="s",scope="repository:team/app:pull",error="insufficient_scope"` });
    return true;
  };
  expect((await refusal()).message).toBe(`pull access denied for ${name}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`);
});

test("a token server that is down, is broken, or speaks HTML", async () => {
  const challenge = (realm: string) => (_: unknown, response: ServerResponse) => {
    refuse(response, 401, "UNAUTHORIZED", "authentication required", { "www-authenticate": `Bearer realm="${realm}",service="s"` });
    return true;
  };
  registry.fault = challenge("http://127.0.0.1:1/token");
  expect((await refusal({ username: "bob", password: SECRET })).message).toBe(
    `Head "http://${registry.address}/v2/team/app/manifests/v1": Get "http://127.0.0.1:1/token?account=bob&scope=repository%3Ateam%2Fapp%3Apull&service=s": dial tcp 127.0.0.1:1: connect: connection refused`,
  );
  needToken(
    () => "t",
    (_, response) => send(response, 500, SECRET),
  );
  expect((await refusal({ username: "bob", password: SECRET })).message).toContain("received unexpected HTTP status: 500 Internal Server Error");
  needToken(
    () => "t",
    (_, response) => send(response, 200, `<html>${SECRET}</html>`),
  );
  expect((await refusal()).message).toContain("unable to decode token response: invalid character '<' looking for beginning of value");
});

test("a token without end is not read to it", async () => {
  let sent = 0;
  needToken(
    () => "t",
    (_, response) => {
      const piece = Buffer.alloc(1 << 20, "x");
      const more = (): void => {
        if (response.destroyed) return;
        sent += piece.length;
        response.write(piece, more);
      };
      more();
    },
  );
  expect((await refusal()).message).toContain("token is larger than the limit of 1048576 bytes");
  expect(sent).toBeLessThan(1 << 27);
});

test("basic: right, wrong and none", async () => {
  registry.fault = (request, response) => {
    if (request.headers.authorization === basic("bob", SECRET)) return false;
    refuse(response, 401, "UNAUTHORIZED", "authentication required", { "www-authenticate": 'Basic realm="here"' });
    return true;
  };
  expect((await refusal()).message).toContain("no basic auth credentials");
  expect((await refusal({ username: "bob", password: `${SECRET}x` })).message).toContain("unauthorized: authentication required");
  await pull({ username: "bob", password: SECRET });
  expect(isHere()).toBe(true);
});

test("another host that the registry sends to is not told who asks", async () => {
  await using elsewhere = await startFakeRegistry();
  const layer = image.manifest.layers[0] as FakeImage["manifest"]["layers"][0];
  elsewhere.blob(registry.bytes(layer.digest));
  elsewhere.fault = (request) => {
    request.url = request.url?.replace(/\?.*/, "");
    return false;
  };
  registry.fault = (request, response) => {
    if (request.headers.authorization !== basic("bob", SECRET)) refuse(response, 401, "UNAUTHORIZED", "authentication required", { "www-authenticate": 'Basic realm="here"' });
    else if (request.url?.includes(layer.digest) === true) response.writeHead(307, { location: `http://${elsewhere.address}${request.url}?signature=${SECRET}` }).end();
    else return false;
    return true;
  };
  await pull({ username: "bob", password: SECRET });
  expect(elsewhere.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});
