// The protocol below the verbs: versions, headers, bodies, connections. By hand, as Docker answers. CONTRACT_SOCKET: against another engine.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { isRoot } from "../support/free-network.ts";
import { type EngineUnderTest, openEngine } from "./engine-under-test.ts";
import { askRaw, openRaw, parseAnswer } from "./raw-http.ts";

let engine: EngineUnderTest;
beforeAll(async () => {
  if (isRoot) engine = await openEngine();
}, 120_000);
afterAll(async () => engine?.[Symbol.asyncDispose](), 120_000);

const JSON_TYPE = "Content-Type: application/json";
const ask = (lines: string | readonly string[], body = "") => askRaw(engine.socket, [lines].flat().map((line, at) => (at === 0 ? `${line} HTTP/1.1` : line)), body);
const post = (path: string, body: string, ...headers: string[]) => ask([`POST ${path}`, JSON_TYPE, `Content-Length: ${Buffer.byteLength(body)}`, ...headers], body);
const message = (text: string) => (JSON.parse(text) as { message: string }).message;

describe.skipIf(!isRoot)("API versions", () => {
  for (let minor = 24; minor <= 51; minor++) {
    test(`1.${minor} is spoken`, async () => {
      const { status, headers, body } = await ask(`GET /v1.${minor}/version`);
      expect(status).toBe(200);
      expect(headers).toMatchObject({ "api-version": "1.51", ostype: "linux", "docker-experimental": "false" });
      expect(JSON.parse(body)).toMatchObject({ ApiVersion: "1.51", MinAPIVersion: "1.24" });
    });
  }
  test("without a version the newest is spoken", async () => {
    expect((await ask("GET /version")).status).toBe(200);
  });
  for (const version of ["1.23", "1", "1.23.1", "0.9"]) {
    test(`${version} is too old`, async () => {
      const { status, headers, body } = await ask(`GET /v${version}/info`);
      expect({ status, type: headers["content-type"], body: body.trim() }).toEqual({ status: 400, type: "text/plain; charset=utf-8", body: `client version ${version} is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version` });
    });
  }
  for (const version of ["1.52", "2.0", "1.100"]) {
    test(`${version} is too new`, async () => {
      const { status, body } = await ask(`GET /v${version}/info`);
      expect([status, message(body)]).toEqual([400, `client version ${version} is too new. Maximum supported API version is 1.51`]);
    });
  }
});

describe.skipIf(!isRoot)("ping and paths", () => {
  for (const method of ["GET", "HEAD"]) {
    test(`${method} /_ping has the headers that clients negotiate by`, async () => {
      const { status, headers, body } = await ask(`${method} /_ping`);
      expect(status).toBe(200);
      expect(headers).toMatchObject({ "api-version": "1.51", "docker-experimental": "false", ostype: "linux", swarm: "inactive", "builder-version": expect.stringMatching(/^[12]$/), server: expect.stringMatching(/^(Berth|Docker)\/\S+ \(linux\)$/), "cache-control": "no-cache, no-store, must-revalidate", pragma: "no-cache", "content-type": "text/plain; charset=utf-8" });
      expect(body).toBe(method === "GET" ? "OK" : "");
    });
  }
  for (const line of ["GET /nope", "GET /v1.99/nope", "GET /", "GET /vx/version", "DELETE /info", "PATCH /info", "GET /containers/create", "GET /info/"]) {
    test(`${line} is no page`, async () => {
      const { status, body } = await ask(line);
      expect([status, message(body)]).toEqual([404, "page not found"]);
    });
  }
  test("OPTIONS is answered where something is", async () => {
    expect((await ask("OPTIONS /info")).status).toBe(200);
  });
  test("escapes in a path are names; what is no escape is a bad request", async () => {
    expect(message((await ask("GET /containers/a%2Fb/json")).body)).toBe("No such container: a/b");
    expect((await ask("GET /containers/%zz/json")).status).toBe(400);
  });
  test("swarm is not here", async () => {
    for (const path of ["/services", "/nodes", "/secrets", "/swarm"]) expect((await ask(`GET ${path}`)).status).toBe(503);
  });
});

describe.skipIf(!isRoot)("bodies", () => {
  const bodies: readonly (readonly [body: string, message: string])[] = [
    ["", "invalid JSON: got EOF while reading request body"],
    ["{", "invalid JSON: unexpected EOF"],
    ['{"a":', "invalid JSON: unexpected EOF"],
    ["{}{}", "unexpected content after JSON"],
    ["{}", "config cannot be empty in order to create a container"],
    ["null", "config cannot be empty in order to create a container"],
    ["[]", "invalid JSON: json: cannot unmarshal array into Go value of type container.CreateRequest"],
  ];
  for (const [body, expected] of bodies) {
    test(`${body === "" ? "none" : body}`, async () => {
      const answer = await post("/containers/create", body);
      expect([answer.status, message(answer.body)]).toEqual([400, expected]);
    });
  }
  const types: readonly (readonly [header: string, message: string])[] = [
    ["Content-Type: text/plain", "unsupported Content-Type header (text/plain): must be 'application/json'"],
    ["X: y", "malformed Content-Type header (): mime: no media type"],
    ["Content-Type: ;;", "malformed Content-Type header (;;): mime: no media type"],
    ["Content-Type: application/json; charset=utf-8", "config cannot be empty in order to create a container"],
  ];
  for (const [header, expected] of types) {
    test(header, async () => {
      expect(message((await ask(["POST /containers/create", header, "Content-Length: 2"], "{}")).body)).toBe(expected);
    });
  }
  test("in chunks", async () => {
    const { status, body } = await ask(["POST /volumes/create", JSON_TYPE, "Transfer-Encoding: chunked"], '6\r\n{"Name\r\n9\r\n":"//bad"\r\n1\r\n}\r\n0\r\n\r\n');
    expect(status).toBe(400);
    expect(message(body)).toStartWith("create //bad: \"//bad\" includes invalid characters for a local volume name");
  });
  test("in chunks that are none", async () => {
    expect((await ask(["POST /volumes/create", JSON_TYPE, "Transfer-Encoding: chunked"], "zz\r\n")).status).toBe(400);
  });
  test("Expect: 100-continue is answered before the body comes", async () => {
    using connection = openRaw(engine.socket);
    connection.send(`POST /containers/create HTTP/1.1\r\nHost: x\r\n${JSON_TYPE}\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`);
    await connection.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
    connection.send("{}");
    expect(await connection.until(/config cannot be empty/)).toContain("HTTP/1.1 400 Bad Request");
    expect((await post("/containers/create", "{}", "Expect: nonsense")).status).toBe(417);
  });
});

describe.skipIf(!isRoot)("connections", () => {
  test("are kept for further requests", async () => {
    using connection = openRaw(engine.socket);
    for (let times = 1; times <= 3; times++) {
      connection.send("GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n");
      await connection.until(new RegExp(`(HTTP/1\\.1 200 OK[\\s\\S]*?\\r\\n\\r\\nOK[\\s\\S]*){${times}}`));
    }
    expect(connection.closed).toBe(false);
  });
  test("take requests one after the other without waiting", async () => {
    using connection = openRaw(engine.socket);
    connection.send("GET /_ping HTTP/1.1\r\nHost: x\r\n\r\nGET /nope HTTP/1.1\r\nHost: x\r\n\r\nGET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const text = await connection.until(/$never/);
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(["200", "404", "200"]);
  });
  test("HTTP 1.0 gets its answer and the end", async () => {
    using connection = openRaw(engine.socket);
    connection.send("GET /_ping HTTP/1.0\r\n\r\n");
    expect(parseAnswer(await connection.until(/$never/))).toMatchObject({ status: 200, body: "OK" });
  });
  for (const garbage of ["BOGUS\r\n\r\n", "GET /_ping\r\n\r\n", "\0\0\0\0\r\n\r\n", "GET /_ping HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "GET /_ping HTTP/1.1\r\nHost: x\r\nNoColon\r\n\r\n"]) {
    test(`${JSON.stringify(garbage)} is a bad request and the end`, async () => {
      using connection = openRaw(engine.socket);
      connection.send(garbage);
      expect(await connection.until(/$never/)).toMatch(/^HTTP\/1\.1 400 /);
    });
  }
  test("one that sends nothing or hangs up in the middle harms nobody", async () => {
    for (const part of ["", "GET /_pi", "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{"]) {
      const connection = openRaw(engine.socket);
      connection.send(part);
      connection[Symbol.dispose]();
    }
    expect((await ask("GET /_ping")).status).toBe(200);
  });
});
