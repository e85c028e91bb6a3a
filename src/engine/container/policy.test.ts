// What follows by itself: restarts by policy, health, out of memory, and the start of the daemon after it was killed.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { startTestEngine, type TestEngine } from "../../../test/support/engine.ts";
import { poll } from "../../../test/support/poll.ts";
import type { ContainerRow } from "../../store/store.ts";
import type { CreateContainerRequest } from "../../wire/docker.ts";
import { createContainer } from "./create.ts";
import { killContainer } from "./kill.ts";
import { removeContainer } from "./remove.ts";
import { findContainer } from "./row.ts";
import { startContainer } from "./start.ts";
import { stopContainer } from "./stop.ts";

const actor = {};
let t: TestEngine;
beforeEach(async () => {
  t = await startTestEngine();
  t.image("box");
});
afterEach(() => t.close());

async function run(name: string, body: CreateContainerRequest = {}): Promise<string> {
  const { Id } = await createContainer(t.engine, { name, body: { Image: "box", Cmd: ["sleep"], ...body }, actor });
  await startContainer(t.engine, name, { actor });
  return Id;
}
const row = (name: string): ContainerRow => findContainer(t.engine, name);
const gone = (name: string): boolean => t.engine.store.view((tx) => !tx.containers.any("name", name));
const count = (events: readonly string[], event: string): number => events.filter((each) => each === event).length;

test("on-failure starts again as often as allowed, then stays", async () => {
  await run("aa", { Cmd: ["exit", "2"], HostConfig: { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 2 } } });
  await poll("the last end", () => row("aa").state.Status === "exited" && row("aa").task === undefined);
  expect(row("aa").restartCount).toBe(2);
  const events = t.events();
  expect(count(events, "container start")).toBe(3);
  expect(count(events, "container die 2")).toBe(3);
  expect(count(events, "network connect")).toBe(3);
  expect(count(events, "network disconnect")).toBe(3);
});

test("a stop while it waits for its restart", async () => {
  await run("aa", { Cmd: ["exit", "1"], HostConfig: { RestartPolicy: { Name: "always" } } });
  await poll("it waits", () => row("aa").state.Status === "restarting" && row("aa").task === undefined);
  expect(row("aa").state).toMatchObject({ Running: true, Restarting: true, Pid: 0, ExitCode: 1 });
  t.events();
  await stopContainer(t.engine, "aa", { actor });
  expect(row("aa").state).toMatchObject({ Status: "exited", ExitCode: 1 });
  expect(t.events()).toEqual(["container stop"]);
  await t.engine.supervisor.idle();
  expect(row("aa").state.Status).toBe("exited");
});

test("kill and forced removal while it waits for its restart", async () => {
  for (const name of ["aa", "bb"]) {
    await run(name, { Cmd: ["exit", "1"], HostConfig: { RestartPolicy: { Name: "always" } } });
    await poll("it waits", () => row(name).state.Status === "restarting" && row(name).task === undefined);
  }
  await killContainer(t.engine, "aa", { actor });
  expect(row("aa").state.Status).toBe("exited");
  await removeContainer(t.engine, "bb", { force: true, actor });
  expect(gone("bb")).toBe(true);
});

test("what was stopped by hand is not started again", async () => {
  await run("aa", { HostConfig: { RestartPolicy: { Name: "unless-stopped" } } });
  await stopContainer(t.engine, "aa", { actor });
  expect(row("aa")).toMatchObject({ manuallyStopped: true, state: { Status: "exited" } });
  await startContainer(t.engine, "aa", { actor });
  // another signal than the container's own is no stop: it runs again
  t.runtime.end(row("aa").id, 1);
  await poll("it runs again", () => row("aa").state.Status === "running" && row("aa").restartCount === 1);
});

test("a restart that fails leaves it at rest", async () => {
  await run("aa", { HostConfig: { RestartPolicy: { Name: "always" } } });
  t.runtime.failing.set("create", new Error("no more processes"));
  t.runtime.end(row("aa").id, 1);
  await poll("it is at rest", () => row("aa").state.Status === "exited" && row("aa").state.Error !== "");
  expect(row("aa").state).toMatchObject({ ExitCode: 128, Error: "no more processes" });
});

test("out of memory is told and remembered", async () => {
  const id = await run("aa");
  t.runtime.oom(id);
  t.runtime.end(id, 137, { oomKilled: true });
  await t.engine.supervisor.idle();
  expect(row("aa").state).toMatchObject({ Status: "exited", OOMKilled: true, ExitCode: 137 });
  expect(t.events()).toContain("container oom");
  await startContainer(t.engine, "aa", { actor });
  expect(row("aa").state.OOMKilled).toBe(false);
});

test("health: well, then failing", async () => {
  const check = { Test: ["CMD", "check"], Interval: 1_000_000, Retries: 2, Timeout: 10_000_000_000 };
  await run("aa", { Healthcheck: check });
  expect(row("aa").state.Health?.Status).toBe("starting");
  await poll("healthy", () => row("aa").state.Health?.Status === "healthy");
  expect(row("aa").state.Health?.Log.at(-1)).toMatchObject({ ExitCode: 0, Output: "check\n" });
  t.runtime.execExitCodes.set("check", 7);
  await poll("unhealthy", () => row("aa").state.Health?.Status === "unhealthy");
  expect(row("aa").state.Health?.FailingStreak).toBeGreaterThanOrEqual(2);
  expect(row("aa").state.Health?.Log.length).toBeLessThanOrEqual(5);
  await stopContainer(t.engine, "aa", { actor });
  const events = t.events();
  expect(count(events, "container health_status: healthy")).toBe(1);
  expect(count(events, "container health_status: unhealthy")).toBe(1);
  const probes = events.filter((event) => event.startsWith("container exec_die")).length;
  await startContainer(t.engine, "aa", { actor });
  expect(row("aa").state.Health?.Status).toBe("starting");
  expect(probes).toBeGreaterThan(2);
});

test("after a crash what runs is found again, with its end and its networks", async () => {
  await run("aa", { HostConfig: { AutoRemove: true } });
  await run("bb");
  await t.crash();
  expect(row("aa").state.Status).toBe("running");
  t.events();
  t.runtime.end(row("bb").id, 5);
  await poll("the end", () => row("bb").state.Status === "exited" && row("bb").task === undefined);
  expect(t.events()).toEqual(["network disconnect", "container die 5"]);
  await killContainer(t.engine, "aa", { actor });
  await poll("removal", () => gone("aa"));
  expect(t.network.namespaces.size).toBe(0);
});

test("what ended while the daemon was away", async () => {
  for (const [name, policy] of [["plain", ""], ["again", "always"]] as const) await run(name, { HostConfig: { RestartPolicy: { Name: policy } } });
  await run("rm", { HostConfig: { AutoRemove: true } });
  for (const name of ["plain", "again", "rm"]) {
    const { id } = row(name);
    t.runtime.endedAway.set(id, { id, exitCode: 4, atMs: t.nowMs, oomKilled: false });
  }
  await t.crash();
  await poll("all are handled", () => row("plain").state.Status === "exited" && gone("rm") && row("again").restartCount === 1 && row("again").state.Status === "running");
  expect(row("plain").state.ExitCode).toBe(4);
});

test("a process of which nothing is left ends with 255", async () => {
  const id = await run("aa");
  t.runtime.tasks.delete(id);
  await t.crash();
  expect(row("aa").state).toMatchObject({ Status: "exited", ExitCode: 255 });
  expect(row("aa").task).toBeUndefined();
});

test("with the daemon: always starts even what was stopped, unless-stopped only what was not", async () => {
  for (const [name, Name] of [["always", "always"], ["unless", "unless-stopped"], ["no", "no"]] as const) {
    await run(name, { HostConfig: { RestartPolicy: { Name } } });
    await stopContainer(t.engine, name, { actor });
  }
  await createContainer(t.engine, { name: "never", body: { Image: "box", HostConfig: { RestartPolicy: { Name: "always" } } }, actor });
  await t.crash();
  await poll("it runs", () => row("always").state.Status === "running");
  await t.engine.supervisor.idle();
  expect(["unless", "no", "never"].map((name) => row(name).state.Status)).toEqual(["exited", "exited", "created"]);
});
