// testcontainers from npm, unchanged, against our socket. CONTRACT_SOCKET: against another engine.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type * as Testcontainers from "testcontainers";
import { runClient } from "../support/docker-cli.ts";
import { isRoot } from "../support/free-network.ts";
import { poll } from "../support/poll.ts";
import { type EngineUnderTest, openEngine, uniqueName } from "./engine-under-test.ts";
import { importBase } from "./imported-image.ts";
import { importRyukStandIn, RYUK_IMAGE } from "./ryuk-stand-in.ts";

const repo = uniqueName("tc");
const image = `${repo}:1`;
const settings: Record<string, string> = { TESTCONTAINERS_RYUK_DISABLED: "true", TESTCONTAINERS_HOST_OVERRIDE: "localhost" };
const before: Record<string, string | undefined> = {};
let engine: EngineUnderTest;
let tc: typeof Testcontainers;
let directory: string;

beforeAll(async () => {
  if (!isRoot) return;
  engine = await openEngine();
  settings["DOCKER_HOST"] = `unix://${engine.socket}`;
  for (const [name, value] of Object.entries(settings)) {
    before[name] = process.env[name];
    process.env[name] = value;
  }
  directory = mkdtempSync(join(tmpdir(), "berth-tc-"));
  tc = await import("testcontainers");
  await importBase(engine.socket, { repo, tag: "1" });
}, 120_000);
afterAll(async () => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await engine?.call("DELETE", `/images/${image}?force=1`).catch(() => undefined);
  await engine?.[Symbol.asyncDispose]();
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
}, 120_000);

const HTTPD = ["sh", "-c", "mkdir -p /srv/cgi-bin; echo served > /srv/index.html; echo ready; exec httpd -f -p 80 -h /srv"];

const container = (): Testcontainers.GenericContainer => new tc.GenericContainer(image);

async function fetched(started: Testcontainers.StartedTestContainer): Promise<string> {
  return (await fetch(`http://${started.getHost()}:${started.getMappedPort(80)}/index.html`)).text();
}

async function textOf(stream: Readable): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

describe.skipIf(!isRoot)("testcontainers", () => {
  test("listening ports, the default wait: the mapped port answers at once", async () => {
    await using started = await container().withExposedPorts(80).withCommand(HTTPD).withStartupTimeout(60_000).start();
    expect(await fetched(started)).toBe("served\n");
    expect(started.getFirstMappedPort()).toBe(started.getMappedPort(80));
  });

  test("waits for a log line, for HTTP, for a command, for all of them", async () => {
    const { Wait } = tc;
    const all = Wait.forAll([Wait.forLogMessage("ready"), Wait.forHttp("/index.html", 80).forStatusCode(200).forResponsePredicate((body) => body.includes("served")), Wait.forSuccessfulCommand("test -f /srv/index.html")]);
    await using started = await container().withExposedPorts(80).withCommand(HTTPD).withWaitStrategy(all).withStartupTimeout(60_000).start();
    expect(await fetched(started)).toBe("served\n");
  });

  test("waits for the health check", async () => {
    const healthy = container()
      .withCommand(["sh", "-c", "touch /ok; exec sleep 600"])
      .withHealthCheck({ test: ["CMD-SHELL", "test -f /ok"], interval: 200, timeout: 5000, retries: 300, startPeriod: 0 })
      .withWaitStrategy(tc.Wait.forHealthCheck());
    await using started = await healthy.withStartupTimeout(60_000).start();
    expect((await started.exec(["cat", "/ok"])).exitCode).toBe(0);
  });

  test("one-shot: waits for the end", async () => {
    await using started = await container().withCommand(["sh", "-c", "echo over"]).withWaitStrategy(tc.Wait.forOneShotStartup()).start();
    expect(await textOf(await started.logs())).toContain("over");
  });

  test("a container that fails to get ready is an error, and is removed", async () => {
    const name = uniqueName("never");
    const attempt = container().withName(name).withCommand(["sh", "-c", "echo no; exec sleep 600"]).withWaitStrategy(tc.Wait.forLogMessage("yes")).withStartupTimeout(500).start();
    await expect(attempt).rejects.toThrow("yes");
    await poll("it is removed", async () => (await engine.call("GET", `/containers/${name}/json`)).status === 404);
  });

  test("environment, user, working directory, entrypoint, labels, limits, tmpfs, hosts, mounts", async () => {
    const mounted = join(directory, "mounted");
    writeFileSync(mounted, "from the host");
    const configured = container()
      .withEntrypoint(["/bin/sh", "-c"])
      .withCommand(["exec sleep 600"])
      .withEnvironment({ WORD: "given", EMPTY: "" })
      .withUser("1000:1000")
      .withWorkingDir("/home/user")
      .withLabels({ of: "test" })
      .withTmpFs({ "/scratch": "rw,size=1m" })
      .withExtraHosts([{ host: "elsewhere", ipAddress: "10.1.2.3" }])
      .withBindMounts([{ source: mounted, target: "/mounted", mode: "ro" }])
      .withResourcesQuota({ memory: 0.1, cpu: 0.5 })
      .withSharedMemorySize(8 * 1024 * 1024)
      .withUlimits({ nofile: { soft: 512, hard: 1024 } })
      .withDroppedCapabilities("NET_RAW")
      .withHostname("called");
    await using started = await configured.start();
    const { output, exitCode } = await started.exec("/bin/sh -c".split(" ").concat("echo $WORD; id -u; pwd; hostname; ulimit -n; cat /mounted; grep elsewhere /etc/hosts; df -k /scratch /dev/shm | awk '{print $2, $6}'"));
    expect(exitCode).toBe(0);
    expect(output).toContain("given\n1000\n/home/user\ncalled\n512\nfrom the host10.1.2.3\telsewhere\n");
    expect(output).toContain("1024 /scratch\n8192 /dev/shm");
    expect(started.getLabels()).toMatchObject({ of: "test" });
  });

  test("exec: output, code, user, directory, environment; both outputs apart", async () => {
    await using started = await container().withCommand(["sleep", "600"]).start();
    const result = await started.exec(["sh", "-c", "echo $A $(id -un) $(pwd); echo wrong >&2; exit 9"], { workingDir: "/srv", user: "user", env: { A: "set" } });
    expect(result).toMatchObject({ exitCode: 9, stdout: "set user /srv\n", stderr: "wrong\n" });
    expect((await started.exec("no-such-command")).exitCode).toBe(127);
  });

  test("files, directories, content and archives in, before and after the start; an archive out", async () => {
    const file = join(directory, "copied");
    writeFileSync(file, "a file\n");
    const filled = container()
      .withCommand(["sh", "-c", "cat /in/file; exec sleep 600"])
      .withCopyFilesToContainer([{ source: file, target: "/in/file", mode: 0o640 }])
      .withCopyContentToContainer([{ content: "content", target: "/in/deep/content" }])
      .withCopyDirectoriesToContainer([{ source: directory, target: "/in/directory" }])
      .withWaitStrategy(tc.Wait.forLogMessage("a file"));
    await using started = await filled.start();
    expect((await started.exec(["sh", "-c", "stat -c %a /in/file; cat /in/deep/content /in/directory/copied"])).stdout).toBe("640\ncontenta file\n");
    const big = Buffer.alloc(5_000_000, "0123456789");
    await started.copyContentToContainer([{ content: big, target: "/in/big" }]);
    expect((await started.exec(["sha256sum", "/in/big"])).stdout.split(" ")[0]).toBe(createHash("sha256").update(big).digest("hex"));
    const archive = await started.copyArchiveFromContainer("/in/deep");
    const bytes = Buffer.concat(await Array.fromAsync(archive as unknown as Readable, (chunk) => Buffer.from(chunk as Uint8Array)));
    await started.copyArchiveToContainer(Readable.from([bytes]), "/home");
    expect((await started.exec(["cat", "/home/deep/content"])).stdout).toBe("content");
  });

  test("logs: consumed while it runs, followed, across a restart", async () => {
    let consumed = "";
    const logging = container()
      .withCommand(["sh", "-c", "echo first; echo second >&2; exec sleep 600"])
      .withLogConsumer((stream) => stream.on("data", (chunk: Buffer) => (consumed += String(chunk))))
      .withWaitStrategy(tc.Wait.forLogMessage("second"));
    await using started = await logging.start();
    await poll("both lines have come", () => consumed.includes("first\n") && consumed.includes("second\n"));
    expect(consumed).toHaveLength("first\nsecond\n".length);
    await started.restart({ timeout: 0 });
    let text = "";
    const followed = await started.logs();
    followed.on("data", (chunk: Buffer) => (text += String(chunk)));
    await poll("both runs are in the log", () => text.split("first").length === 3);
    followed.destroy();
  });

  test("a network: names and aliases are found, ports stay inside", async () => {
    await using network = await new tc.Network().start();
    await using server = await container().withNetwork(network).withNetworkAliases("web").withCommand(HTTPD).withWaitStrategy(tc.Wait.forLogMessage("ready")).start();
    await using client = await container().withNetwork(network).withCommand(["sleep", "600"]).start();
    const { stdout } = await client.exec(["sh", "-c", "until wget -qO- http://web/; do sleep 0.1; done"]);
    expect(stdout).toBe("served\n");
    expect(server.getNetworkNames()).toContain(network.getName());
    expect(server.getIpAddress(network.getName())).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });

  test("commit makes an image that testcontainers starts", async () => {
    let committed: string;
    {
      await using started = await container().withCommand(["sleep", "600"]).start();
      await started.exec(["sh", "-c", "echo kept > /srv/kept"]);
      committed = await started.commit({ repo: uniqueName("tc-commit"), tag: "1", changes: ["ENV FROM=commit"] });
    }
    await using again = await new tc.GenericContainer(committed).withCommand(["sleep", "600"]).start();
    expect((await again.exec(["sh", "-c", "cat /srv/kept; echo $FROM"])).stdout).toBe("kept\ncommit\n");
    await again.stop();
    expect((await engine.call("DELETE", `/images/${committed}`)).status).toBe(200);
  });

  test("stopped without removal it stays and can be restarted; reuse finds it", async () => {
    const reusable = container().withCommand(["sleep", "600"]).withReuse();
    const first = await reusable.start();
    const second = await container().withCommand(["sleep", "600"]).withReuse().start();
    expect(second.getId()).toBe(first.getId());
    const stopped = await first.stop({ remove: false, timeout: 0 });
    expect((await engine.call("GET", `/containers/${stopped.getId()}/json`)).json()).toMatchObject({ State: { Running: false, Status: "exited" } });
    await using third = await container().withCommand(["sleep", "600"]).withReuse().start();
    expect(third.getId()).toBe(first.getId());
    await third.stop({ remove: true });
  });

  test("its cleanup container removes what a process that went away has left", async () => {
    await importRyukStandIn(engine.socket);
    const [bun = ""] = [process.execPath];
    const session = await runClient([bun, join(import.meta.dir, "testcontainers-session.ts")], [image], { env: { TESTCONTAINERS_RYUK_DISABLED: "false" } });
    expect(session).toMatchObject({ exitCode: 0 });
    const made = JSON.parse(session.stdout.trim().split("\n").at(-1) ?? "") as { network: string; containers: string[] };
    const gone = async (path: string): Promise<boolean> => (await engine.call("GET", path)).status === 404;
    await poll("containers and network are removed", async () => (await Promise.all([...made.containers.map((id) => gone(`/containers/${id}/json`)), gone(`/networks/${made.network}`)])).every(Boolean));
    await poll("the cleanup container has ended and is removed", async () => ((await engine.call("GET", `/containers/json?all=1&filters=${encodeURIComponent(JSON.stringify({ ancestor: [RYUK_IMAGE] }))}`)).json() as unknown[]).length === 0);
    expect((await engine.call("DELETE", `/images/${RYUK_IMAGE}`)).status).toBe(200);
  });
});
