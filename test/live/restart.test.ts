// Containers outlive the daemon: it is killed and started again, and nobody notices.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { type CrashLab, ENDS_AS_7, openCrashLab } from "../support/crash-lab.ts";
import { isRoot } from "../support/free-network.ts";
import { shimPids } from "../support/machine-traces.ts";
import { poll } from "../support/poll.ts";

let lab: CrashLab;
beforeAll(async () => {
  if (isRoot) lab = await openCrashLab({ flags: ["--containers-per-shim", "2"] });
});
afterEach(async () => {
  if (isRoot) await lab.leavesNothing();
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
});

const COUNTS = ["sh", "-c", "i=0; while :; do i=$((i+1)); echo $i; [ $((i % 50)) = 0 ] && sleep 0.02; done"];
const SERVES = { Cmd: ["httpd", "-f", "-p", "80"], ExposedPorts: { "80/tcp": {} }, HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] } } };

describe.skipIf(!isRoot)("after kill -9 and a start of the daemon", () => {
  test("no line of the log is lost or there twice, and the process is the same", async () => {
    await lab.run("counts", { Cmd: COUNTS, HostConfig: { NetworkMode: "none" } });
    const { State } = await lab.inspect("counts");
    for (let times = 0; times < 3; times++) {
      await poll("it writes", async () => (await lab.logs("counts")).length > 1000 * (times + 1));
      await lab.daemon.kill9();
      await lab.daemon.start();
    }
    expect((await lab.inspect("counts")).State).toMatchObject({ Pid: State.Pid, StartedAt: State.StartedAt, Status: "running" });
    await lab.ok("POST", "/containers/counts/stop?t=0");
    const lines = (await lab.logs("counts")).trimEnd().split("\n").map(Number);
    expect(lines.length).toBeGreaterThan(500);
    expect(lines.findIndex((line, index) => line !== index + 1)).toBe(-1);
  });

  test("what was written and how it ended while there was no daemon is known, with the time", async () => {
    await lab.run("ends", { Cmd: ["sh", "-c", "trap 'for i in 1 2 3; do echo last $i; done; exit 7' TERM; echo begin; while :; do sleep 0.02; done"] });
    await poll("it has begun", async () => (await lab.logs("ends")).includes("begin"));
    const { State } = await lab.inspect("ends");
    await lab.daemon.kill9();
    const beforeMs = Date.now();
    process.kill(State.Pid, "SIGTERM");
    await poll("it ends", () => !alive(State.Pid));
    const afterMs = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await lab.daemon.start();
    await lab.ok("POST", "/containers/ends/wait");
    const ended = await lab.inspect("ends");
    expect(ended.State).toMatchObject({ Status: "exited", ExitCode: 7, Pid: 0, Error: "", OOMKilled: false });
    expect(Date.parse(ended.State.FinishedAt)).toBeGreaterThanOrEqual(beforeMs);
    expect(Date.parse(ended.State.FinishedAt)).toBeLessThanOrEqual(afterMs + 50);
    expect(await lab.logs("ends")).toBe("begin\nlast 1\nlast 2\nlast 3\n");
    expect((await lab.actions("ends")).filter((action) => action === "die")).toHaveLength(1);
  });

  test("published ports answer, also while there is no daemon; names and execs work", async () => {
    await lab.ok("POST", "/networks/create", { Name: "own" });
    await lab.run("web", { ...SERVES, HostConfig: { ...SERVES.HostConfig, NetworkMode: "own" } });
    await lab.run("asks", { HostConfig: { NetworkMode: "own" } });
    const port = Number((await lab.inspect("web")).NetworkSettings.Ports["80/tcp"]?.[0]?.HostPort);
    await poll("it answers", () => answers(port));
    await lab.daemon.kill9();
    await lab.daemon.start();
    await poll("it answers", () => answers(port), 5000);
    expect(await lab.exec("asks", ["wget", "-q", "-O", "-", "http://web/etc/passwd"])).toContain("root:x:0:0");
    // the port is still its own
    const other = await lab.create("other", { ...SERVES, HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: String(port) }] } } });
    const refused = await lab.daemon.call("POST", `/containers/${other}/start`);
    expect(refused.status).toBe(500);
    expect(refused.text).toContain("port is already allocated");
  });

  test("--rm and restart policies are carried out for what ended meanwhile", async () => {
    const run = (name: string, HostConfig: object): Promise<string> => lab.run(name, { HostConfig: { NetworkMode: "none", ...HostConfig } });
    await run("goes", { AutoRemove: true });
    await run("always", { RestartPolicy: { Name: "always" } });
    await run("unless", { RestartPolicy: { Name: "unless-stopped" } });
    await run("fails", { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 } });
    await run("stopped", { RestartPolicy: { Name: "unless-stopped" } });
    await run("rests", { RestartPolicy: { Name: "no" } });
    await lab.ok("POST", "/containers/stopped/stop");
    const names = ["goes", "always", "unless", "fails", "rests"];
    const pids = await Promise.all(names.map(async (name) => (await lab.inspect(name)).State.Pid));
    await lab.daemon.kill9();
    for (const pid of pids) process.kill(pid, "SIGTERM");
    await poll("they end", () => pids.every((pid) => !alive(pid)));
    await lab.daemon.start();
    for (const name of ["always", "unless", "fails"]) {
      await poll(`${name} runs again`, async () => (await lab.inspect(name)).State.Status === "running");
      expect((await lab.inspect(name)).RestartCount).toBe(1);
    }
    await poll("it goes", async () => !(await lab.exists("goes")));
    expect(await lab.status("stopped")).toBe("exited");
    await poll("it rests", async () => (await lab.status("rests")) === "exited");
    expect((await lab.inspect("rests")).State.ExitCode).toBe(7);
  });

  test("a health check goes on, and a paused one stays paused", async () => {
    await lab.run("healthy", { Cmd: ["sleep", "1000"], Healthcheck: { Test: ["CMD", "true"], Interval: 100_000_000 }, HostConfig: { NetworkMode: "none" } });
    await lab.run("paused", { HostConfig: { NetworkMode: "none" } });
    await lab.ok("POST", "/containers/paused/pause");
    const health = async (): Promise<{ Status: string; Log: { Start: string }[] }> => ((await lab.inspect("healthy")).State as unknown as { Health: { Status: string; Log: { Start: string }[] } }).Health;
    await poll("it is healthy", async () => (await health()).Status === "healthy");
    await lab.daemon.kill9();
    const sinceMs = Date.now();
    await lab.daemon.start();
    expect((await health()).Status).toBe("healthy");
    await poll("it is looked at again", async () => Date.parse((await health()).Log.at(-1)?.Start ?? "") > sinceMs);
    expect(await lab.status("paused")).toBe("paused");
    await lab.ok("POST", "/containers/paused/unpause");
    await lab.ok("POST", "/containers/paused/stop");
    expect((await lab.inspect("paused")).State.ExitCode).toBe(7);
  });

  test("attached clients of before are gone, new ones hear what is said", async () => {
    await lab.run("talks", { Cmd: ["sh", "-c", "while read line; do echo said $line; done"], OpenStdin: true, HostConfig: { NetworkMode: "none" } });
    await lab.daemon.kill9();
    await lab.daemon.start();
    const socket = connect(lab.daemon.socket);
    let heard = "";
    socket.on("data", (bytes: Buffer) => (heard += bytes.toString("latin1")));
    socket.write("POST /containers/talks/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
    await poll("it is attached", () => heard.includes("101 UPGRADED"));
    socket.write("hello\n");
    await poll("it answers", () => heard.includes("said hello"));
    socket.destroy();
  });
});

describe.skipIf(!isRoot)("a shim that is killed", () => {
  test("ends its containers, with a reason; others run on", async () => {
    for (const name of ["one", "two", "far"]) await lab.run(name);
    await lab.create("waits", { HostConfig: { RestartPolicy: { Name: "always" } } });
    const shimOf = async (name: string): Promise<number> => parentOf((await lab.inspect(name)).State.Pid);
    const shim = await shimOf("one");
    expect(await shimOf("two")).toBe(shim);
    expect(await shimOf("far")).not.toBe(shim);
    const pids = await Promise.all(["one", "two"].map(async (name) => (await lab.inspect(name)).State.Pid));
    process.kill(shim, "SIGKILL");
    for (const name of ["one", "two"]) {
      await poll(`${name} is reported`, async () => (await lab.status(name)) === "exited", 10_000);
      const { State } = await lab.inspect(name);
      expect(State).toMatchObject({ ExitCode: 137, Error: "shim died", Running: false, Pid: 0 });
      expect(await lab.logs(name)).toBe("begin\n");
    }
    expect(pids.filter(alive)).toEqual([]);
    expect(await lab.exec("far", ["echo", "well"])).toBe("well\n");
    // it can be started again, and removed
    await lab.ok("POST", "/containers/one/start");
    expect((await lab.inspect("one")).State.Error).toBe("");
    await lab.ok("DELETE", "/containers/two?v=1");
  });

  test("brings back those whose policy wants it", async () => {
    await lab.run("cc", { HostConfig: { RestartPolicy: { Name: "always" } } });
    process.kill(parentOf((await lab.inspect("cc")).State.Pid), "SIGKILL");
    await poll("it runs again", async () => {
      const { RestartCount, State } = await lab.inspect("cc");
      return RestartCount === 1 && State.Status === "running";
    });
    expect(await lab.exec("cc", ["echo", "well"])).toBe("well\n");
  });

  test("while there is no daemon: it is known afterwards", async () => {
    await lab.run("cc", { HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] } } });
    const { State } = await lab.inspect("cc");
    await lab.daemon.kill9();
    for (const pid of shimPids(lab.daemon)) process.kill(pid, "SIGKILL");
    await lab.daemon.start();
    await poll("it is reported", async () => (await lab.status("cc")) === "exited");
    expect((await lab.inspect("cc")).State).toMatchObject({ ExitCode: 137, Error: "shim died while the engine was away" });
    expect(alive(State.Pid)).toBe(false);
    await lab.ok("POST", "/containers/cc/start");
    expect(await lab.exec("cc", ["echo", "well"])).toBe("well\n");
  });

  test("and the container's process alone, past the engine", async () => {
    await lab.run("cc", { Cmd: ENDS_AS_7 });
    process.kill((await lab.inspect("cc")).State.Pid, "SIGKILL");
    await poll("it is reported", async () => (await lab.status("cc")) === "exited");
    expect((await lab.inspect("cc")).State).toMatchObject({ ExitCode: 137, Error: "", OOMKilled: false });
  });
});

describe.skipIf(!isRoot)("shims", () => {
  test("however often one is filled, one is in store; when there are no containers, none after a while", async () => {
    const shims = (): number => shimPids(lab.daemon).length;
    await lab.run("stays", {});
    await lab.run("changes", {});
    for (let times = 0; times < 5; times++) {
      await poll("one is in store", () => shims() >= 2);
      await lab.ok("DELETE", "/containers/changes?force=1&v=1");
      await lab.run("changes", {});
    }
    // one that is being started comes within this
    await lab.exec("stays", ["sleep", "1"]);
    expect(shims()).toBe(2);
    for (const name of ["stays", "changes"]) await lab.ok("DELETE", `/containers/${name}?force=1&v=1`);
    await poll("all are gone", () => shims() === 0, 30_000);
  });
});

function alive(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(statusOf(pid));
  } catch {
    return false;
  }
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)/m.exec(statusOf(pid))?.[1]);
}

function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/etc/passwd`).then(async (response) => (await response.text()).includes("root"), () => false);
}

function statusOf(pid: number): string {
  return readFileSync(`/proc/${pid}/status`, "utf8");
}
