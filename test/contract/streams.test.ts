// Connections that become a process's streams: upgraded or plain, half-closed, left by detach keys, over a websocket. CONTRACT_SOCKET: against another engine.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { isRoot } from "../support/free-network.ts";
import { poll } from "../support/poll.ts";
import { type EngineUnderTest, openEngine, uniqueName } from "./engine-under-test.ts";
import { importBase } from "./imported-image.ts";
import { openRaw, type RawConnection } from "./raw-http.ts";

let engine: EngineUnderTest;
const repo = uniqueName("streams");
const image = `${repo}:1`;
beforeAll(async () => {
  if (!isRoot) return;
  engine = await openEngine();
  await importBase(engine.socket, { repo, tag: "1" });
}, 120_000);
afterAll(async () => {
  await engine?.call("DELETE", `/images/${image}?force=1`).catch(() => undefined);
  await engine?.[Symbol.asyncDispose]();
}, 120_000);

async function withRunning(body: object, use: (id: string) => Promise<void>): Promise<void> {
  const made = await engine.call("POST", "/containers/create", { Image: image, HostConfig: { NetworkMode: "none" }, ...body });
  const { Id } = made.json() as { Id: string };
  try {
    expect((await engine.call("POST", `/containers/${Id}/start`)).status).toBe(204);
    await use(Id);
  } finally {
    await engine.call("DELETE", `/containers/${Id}?force=1`);
  }
}

const CAT = { Cmd: ["sh", "-c", "cat; echo over"], OpenStdin: true, StdinOnce: true, AttachStdin: true };
const UPGRADE = "Connection: Upgrade\r\nUpgrade: tcp\r\n";

function attach(id: string, query: string, headers: string): RawConnection {
  const connection = openRaw(engine.socket);
  connection.send(`POST /containers/${id}/attach?stream=1&stdin=1&stdout=1&stderr=1${query} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
  return connection;
}

const running = async (id: string): Promise<boolean> => ((await engine.call("GET", `/containers/${id}/json`)).json() as { State: { Running: boolean } }).State.Running;

describe.skipIf(!isRoot)("attach", () => {
  for (const [how, headers, head] of [
    ["upgraded", UPGRADE, /^HTTP\/1\.1 101 UPGRADED\r\nContent-Type: application\/vnd\.docker\.multiplexed-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n/],
    ["plain", "", /^HTTP\/1\.1 200 OK\r\nContent-Type: application\/vnd\.docker\.raw-stream\r\n\r\n/],
  ] as const) {
    test(`${how}: output in frames; half-close is the end of stdin, the rest of the output still comes`, () =>
      withRunning(CAT, async (id) => {
        using connection = attach(id, "", headers);
        await connection.until(head);
        connection.send("hello\n");
        await connection.until(/\u0001\0\0\0\0\0\0\u0006hello\n/);
        connection.halfClose();
        expect(await connection.until(/over\n/)).toContain("\u0001\0\0\0\0\0\0\u0005over\n");
        await connection.until(/$never/);
        await poll("it has ended", async () => !(await running(id)));
      }));
  }

  // Docker loses them
  for (const headers of process.env["CONTRACT_SOCKET"] === undefined ? [UPGRADE, ""] : []) {
    test(`bytes sent together with the request are stdin (${headers === "" ? "plain" : "upgraded"})`, () =>
      withRunning(CAT, async (id) => {
        using connection = openRaw(engine.socket);
        connection.send(`POST /containers/${id}/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: x\r\n${headers}\r\nearly\n`);
        expect(await connection.until(/early\n/)).toContain("\u0001\0\0\0\0\0\0\u0006early\n");
      }));
  }

  test("on a connection that has carried other requests; stdin as a body in chunks, then as it is", () =>
    withRunning(CAT, async (id) => {
      using connection = openRaw(engine.socket);
      connection.send("GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n");
      await connection.until(/\r\n\r\nOK$/);
      connection.send(`POST /containers/${id}/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
      await connection.until(/raw-stream\r\n\r\n$/);
      connection.send("4\r\none\n\r\n");
      await connection.until(/one\n/);
      connection.send("0\r\n\r\n");
      connection.send("POST /version HTTP/1.1\n");
      await connection.until(/POST \/version HTTP\/1\.1\n/);
      connection.halfClose();
      await connection.until(/over\n/);
      await poll("the process has ended", async () => !(await running(id)));
    }));

  test("with a terminal: raw, and the detach keys end the session, not the process", () =>
    withRunning({ Cmd: ["cat"], OpenStdin: true, Tty: true }, async (id) => {
      using connection = attach(id, "", UPGRADE);
      await connection.until(/Content-Type: application\/vnd\.docker\.raw-stream\r\n[\s\S]*\r\n\r\n/);
      connection.send("typed\n");
      await connection.until(/typed\r\ntyped\r\n/);
      connection.send("\u0010");
      connection.send("\u0011");
      await connection.until(/$never/);
      expect(await running(id)).toBe(true);
      using other = attach(id, "&detachKeys=a,b", UPGRADE);
      await other.until(/\r\n\r\n/);
      other.send("ab");
      await other.until(/$never/);
      expect(await running(id)).toBe(true);
    }));

  test("two clients see the same; one that hangs up leaves the other and the process alone", () =>
    withRunning({ Cmd: ["cat"], OpenStdin: true }, async (id) => {
      using first = attach(id, "", UPGRADE);
      using second = attach(id, "", UPGRADE);
      await Promise.all([first.until(/\r\n\r\n/), second.until(/\r\n\r\n/)]);
      first.send("both\n");
      await Promise.all([first.until(/both\n/), second.until(/both\n/)]);
      first[Symbol.dispose]();
      second.send("alone\n");
      await second.until(/alone\n/);
      expect(await running(id)).toBe(true);
    }));

  test("what went before is given with logs=1", () =>
    withRunning({ Cmd: ["sh", "-c", "echo before; exec cat"], OpenStdin: true }, async (id) => {
      await poll("it is logged", async () => (await engine.call("GET", `/containers/${id}/logs?stdout=1`)).text.includes("before"));
      using connection = attach(id, "&logs=1", UPGRADE);
      await connection.until(/before\n/);
      connection.send("after\n");
      await connection.until(/after\n/);
    }));

  for (const headers of [UPGRADE, ""]) {
    test(`a missing one is refused before the connection is given away (${headers === "" ? "plain" : "upgraded"})`, async () => {
      using connection = attach("missing-one", "", headers);
      expect(await connection.until(/No such container: missing-one\r\n/)).toMatch(/^HTTP\/1\.1 404 /);
    });
  }
});

describe.skipIf(!isRoot)("websocket", () => {
  test("attach/ws: the handshake of RFC 6455, frames both ways", () =>
    withRunning({ Cmd: ["cat"], OpenStdin: true }, async (id) => {
      using connection = openRaw(engine.socket);
      connection.send(`GET /containers/${id}/attach/ws?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
      expect(await connection.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 101 [\s\S]*Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
      const text = Buffer.from("through\n");
      const mask = [1, 2, 3, 4];
      connection.send(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, ...mask]), text.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]));
      await connection.until(/through\n/);
      expect(await running(id)).toBe(true);
    }));

  test("without a handshake it is a bad request", () =>
    withRunning({ Cmd: ["cat"], OpenStdin: true }, async (id) => {
      expect((await engine.call("GET", `/containers/${id}/attach/ws?stream=1`)).status).toBe(400);
    }));
});

describe.skipIf(!isRoot)("exec", () => {
  const exec = async (id: string, body: object): Promise<string> => ((await engine.call("POST", `/containers/${id}/exec`, body)).json() as { Id: string }).Id;
  function start(execId: string, body: object, headers: string): RawConnection {
    const text = JSON.stringify(body);
    const connection = openRaw(engine.socket);
    connection.send(`POST /exec/${execId}/start HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n${headers}\r\n${text}`);
    return connection;
  }

  const ended = (execId: string): Promise<void> => poll("its end is known", async () => ((await engine.call("GET", `/exec/${execId}/json`)).json() as { ExitCode: number | null }).ExitCode !== null);

  for (const headers of [UPGRADE, ""]) {
    test(`${headers === "" ? "plain" : "upgraded"}: stdin to its end, output, and the code is known at once`, () =>
      withRunning({ Cmd: ["sleep", "600"] }, async (id) => {
        const execId = await exec(id, { Cmd: ["sh", "-c", "wc -c; exit 3"], AttachStdin: true, AttachStdout: true });
        using connection = start(execId, { Detach: false, Tty: false }, headers);
        await connection.until(/\r\n\r\n/);
        connection.send("x".repeat(1000));
        connection.halfClose();
        expect(await connection.until(/$never/)).toContain("1000\n");
        await ended(execId);
        expect((await engine.call("GET", `/exec/${execId}/json`)).json()).toMatchObject({ ExitCode: 3, Running: false });
      }));
  }

  test("refused or detached, it is answered as any request", () =>
    withRunning({ Cmd: ["sleep", "600"] }, async (id) => {
      const execId = await exec(id, { Cmd: ["true"] });
      using detached = start(execId, { Detach: true }, "");
      expect(await detached.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Content-Length: 0\r\n/);
      await ended(execId);
      using again = start(execId, { Detach: false }, "");
      expect(await again.until(/has already run\r\n/)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n\u0001\0\0\0\0\0\0_exec command /);
      using detachedAgain = start(execId, { Detach: true }, "");
      expect(await detachedAgain.until(/has already run/)).toMatch(/^HTTP\/1\.1 409 Conflict\r\n[\s\S]*\{"message":"exec command /);
      using missing = start("missing-exec", { Detach: false }, "");
      expect(await missing.until(/No such exec instance/)).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
      using bad = openRaw(engine.socket);
      bad.send(`POST /exec/${execId}/start HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{bad}`);
      expect(await bad.until(/invalid/)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    }));

  test("no-new-privileges, limits and a read-only root hold for it", () =>
    withRunning({ Cmd: ["sleep", "600"], HostConfig: { NetworkMode: "none", SecurityOpt: ["no-new-privileges"], ReadonlyRootfs: true, Ulimits: [{ Name: "nofile", Soft: 77, Hard: 99 }] } }, async (id) => {
      using connection = start(await exec(id, { Cmd: ["sh", "-c", "grep NoNewPrivs /proc/self/status; ulimit -n; touch /x 2>/dev/null || echo refused; grep Seccomp: /proc/self/status"], AttachStdout: true }), { Detach: false }, UPGRADE);
      const text = await connection.until(/$never/);
      expect(text).toContain("NoNewPrivs:\t1\n");
      expect(text).toContain("77\n");
      expect(text).toContain("refused\n");
      expect(text).toContain("Seccomp:\t2\n");
    }));
});
