// Whole lives of containers: the real engine and store, pretended processes and networks.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startTestEngine, type TestEngine } from "../../../test/support/engine.ts";
import type { ContainerRow } from "../../store/store.ts";
import type { CreateContainerRequest } from "../../wire/docker.ts";
import { createContainer } from "./create.ts";
import { killContainer } from "./kill.ts";
import { pauseContainer, unpauseContainer } from "./pause.ts";
import { removeContainer } from "./remove.ts";
import { renameContainer } from "./rename.ts";
import { restartContainer } from "./restart.ts";
import { findContainer } from "./row.ts";
import { startContainer } from "./start.ts";
import { stopContainer } from "./stop.ts";
import { waitContainer } from "./wait.ts";

const actor = {};
let t: TestEngine;
beforeEach(async () => {
  t = await startTestEngine();
  t.image("box");
});
afterEach(() => t.close());

async function create(name: string, body: CreateContainerRequest = {}): Promise<string> {
  const { Id } = await createContainer(t.engine, { name, body: { Image: "box", Cmd: ["sleep"], ...body }, actor });
  return Id;
}
const row = (name: string): ContainerRow => findContainer(t.engine, name);
const start = (name: string) => startContainer(t.engine, name, { actor });
const waited = (name: string, condition = "not-running") => waitContainer(t.engine, name, { condition }).response;
const failure = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return "no failure";
  } catch (error) {
    return `${(error as { kind?: string }).kind}: ${(error as Error).message}`;
  }
};

test("a container's start is the time before its process begins: what it says first is in the log since then", async () => {
  await create("aa");
  const begin = t.runtime.start.bind(t.runtime);
  t.runtime.start = async (id) => {
    t.nowMs += 500;
    await begin(id);
  };
  const before = t.nowMs;
  await start("aa");
  expect(Date.parse(row("aa").state.StartedAt)).toBe(before);
});

test("create, start, end, remove: states, events, and nothing stays", async () => {
  const id = await create("aa", { Cmd: ["exit", "3"] });
  expect(row("aa").state.Status).toBe("created");
  const ended = waited("aa", "next-exit");
  await start("aa");
  expect(await ended).toEqual({ StatusCode: 3 });
  const after = row("aa");
  expect(after.state).toMatchObject({ Status: "exited", Running: false, ExitCode: 3, Pid: 0 });
  expect(after.task).toBeUndefined();
  expect(after.attachments).toBeUndefined();
  expect(t.events()).toEqual(["container create", "network connect", "container start", "network disconnect", "container die 3"]);
  const { directory } = after;
  await removeContainer(t.engine, "aa", { actor });
  expect(t.events()).toEqual(["container destroy"]);
  expect(existsSync(join(t.root, "data/rw", directory))).toBe(false);
  expect(existsSync(t.engine.store.containerPath(id))).toBe(false);
  expect(t.runtime.tasks.size).toBe(0);
  expect(t.network.namespaces.size).toBe(0);
  expect(t.network.attached.size).toBe(0);
});

test("what the process is given", async () => {
  await create("aa", { User: "web", Env: ["A=b"], WorkingDir: "/", HostConfig: { Binds: ["/tmp:/x:ro", "data:/data"] } });
  await start("aa");
  const { spec } = t.runtime.tasks.get(row("aa").id)?.input ?? {};
  expect(spec?.process).toMatchObject({ args: ["sleep"], user: { uid: 33, gid: 33 }, cwd: "/" });
  expect(spec?.process.env).toEqual([expect.stringContaining("PATH="), `HOSTNAME=${row("aa").id.slice(0, 12)}`, "A=b", "HOME=/var/www"]);
  expect(spec?.mounts.find((mount) => mount.destination === "/x")).toMatchObject({ source: "/tmp", options: expect.arrayContaining([expect.stringMatching(/^r?ro$/)]) as string[] });
  expect(spec?.mounts.find((mount) => mount.destination === "/data")?.source).toBe(t.engine.store.volumePath("data"));
  const hosts = readFileSync(join(t.engine.store.containerPath(row("aa").id), "hosts"), "utf8");
  expect(hosts).toContain(`${row("aa").networks["bridge"]?.IPAddress}\t${row("aa").id.slice(0, 12)}`);
});

test("volumes are announced around the network, in order of their places", async () => {
  await create("aa", { Cmd: ["true"], HostConfig: { Binds: ["v2:/b", "v1:/a"], AutoRemove: true }, Volumes: { "/c": {} } });
  t.events();
  const gone = waited("aa", "removed");
  await start("aa");
  expect(await gone).toEqual({ StatusCode: 0 });
  expect(t.events()).toEqual([
    "volume mount", "volume mount", "volume mount", "network connect", "container start",
    "network disconnect", "volume unmount", "volume unmount", "volume unmount", "container die 0", "volume destroy", "container destroy",
  ]);
  expect(t.engine.store.view((tx) => tx.volumes.list()).map((volume) => volume.name).toSorted()).toEqual(["v1", "v2"]);
});

test("a program that is not there: 127, the state of before, and everything undone", async () => {
  await create("aa", { Cmd: ["nosuch"] });
  t.events();
  expect(await failure(start("aa"))).toMatch(/^invalid: failed to create task for container: .*executable file not found in \$PATH$/);
  expect(row("aa").state).toMatchObject({ Status: "created", ExitCode: 127, Error: expect.stringContaining("executable file not found") as string });
  expect(row("aa").starting).toBeUndefined();
  expect(t.events()).toEqual(["network disconnect"]);
  expect(t.network.namespaces.size).toBe(0);
  expect(t.network.attached.size).toBe(0);
  expect(await failure(start("aa"))).toContain("executable file not found");
});

test("a port that is taken", async () => {
  const ports = { HostConfig: { PortBindings: { "80/tcp": [{ HostPort: "8000" }] } }, ExposedPorts: { "80/tcp": {} } };
  await create("aa", ports);
  await create("bb", ports);
  await start("aa");
  expect(await failure(start("bb"))).toMatch(/^internal: failed to set up container networking: driver failed programming external connectivity on endpoint bb .*port is already allocated$/);
  expect(row("bb").state).toMatchObject({ Status: "created", ExitCode: 128 });
  expect([...t.runtime.tasks.keys()]).toEqual([row("aa").id]);
  expect(row("aa").ports).toEqual({ "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8000" }] });
});

test("a start that fails takes a container with --rm away", async () => {
  await create("aa", { Cmd: ["nosuch"], HostConfig: { AutoRemove: true } });
  t.events();
  expect(await failure(start("aa"))).toContain("executable file not found");
  expect(t.events()).toEqual(["network disconnect", "container destroy"]);
  expect(t.engine.store.view((tx) => tx.containers.size)).toBe(0);
});

test("a user that is not there: nothing was begun", async () => {
  await create("aa", { User: "nosuch" });
  expect(await failure(start("aa"))).toBe("internal: unable to find user nosuch: no matching entries in passwd file");
  expect(row("aa").state).toMatchObject({ Status: "created", ExitCode: 128 });
});

test("stop: the container's signal, then KILL; a second stop changes nothing", async () => {
  await create("aa", { Cmd: ["ignores", "15"] });
  await start("aa");
  t.events();
  await stopContainer(t.engine, "aa", { timeoutSeconds: 0, actor });
  expect(row("aa").state).toMatchObject({ Status: "exited", ExitCode: 137 });
  expect(t.events()).toEqual(["container kill 15", "container kill 9", "network disconnect", "container stop", "container die 137"]);
  expect(await failure(stopContainer(t.engine, "aa", { actor }))).toBe("not_modified: ");
  await start("aa");
  t.events();
  await stopContainer(t.engine, "aa", { signal: "INT", timeoutSeconds: -1, actor });
  expect(t.events()).toEqual(["container kill 2", "network disconnect", "container stop", "container die 130"]);
});

test("stop of a paused one lets it go on to hear the signal", async () => {
  await create("aa");
  await start("aa");
  await pauseContainer(t.engine, "aa", { actor });
  t.events();
  await stopContainer(t.engine, "aa", { actor });
  expect(row("aa").state).toMatchObject({ Status: "exited", ExitCode: 143 });
  expect(t.events()).toEqual(["container kill 15", "container unpause", "network disconnect", "container stop", "container die 143"]);
});

test("kill: KILL waits for the end, others don't; texts", async () => {
  await create("aa", { Cmd: ["ignores", "15"] });
  const id = row("aa").id;
  expect(await failure(killContainer(t.engine, "aa", { actor }))).toBe(`conflict: cannot kill container: aa: container ${id} is not running`);
  await start("aa");
  await killContainer(t.engine, "aa", { signal: "TERM", actor });
  expect(row("aa").state.Status).toBe("running");
  for (const [signal, text] of [["FOO", "invalid signal: FOO"], ["33", "the linux daemon does not support signal 33"], ["0", "invalid signal: 0"]] as const) {
    expect(await failure(killContainer(t.engine, "aa", { signal, actor }))).toBe(`invalid: cannot kill container: aa: ${text}`);
  }
  await killContainer(t.engine, "aa", { actor });
  expect(row("aa").state).toMatchObject({ Status: "exited", ExitCode: 137 });
  expect(await failure(killContainer(t.engine, "other", { actor }))).toBe("not_found: cannot kill container: other: No such container: other");
});

test("restart: events in order, --rm keeps it, a stopped one is started", async () => {
  await create("aa", { HostConfig: { AutoRemove: true } });
  await start("aa");
  t.events();
  await restartContainer(t.engine, "aa", { actor });
  expect(t.events()).toEqual(["container kill 15", "network disconnect", "container stop", "container die 143", "network connect", "container start", "container restart"]);
  expect(row("aa").state.Status).toBe("running");
  expect(await failure(restartContainer(t.engine, "aa", { signal: "FOO", actor }))).toBe("internal: Cannot restart container aa: invalid signal: FOO");
});

test("pause and unpause", async () => {
  await create("aa");
  const id = row("aa").id;
  expect(await failure(pauseContainer(t.engine, "aa", { actor }))).toBe(`conflict: container ${id} is not running`);
  await start("aa");
  await pauseContainer(t.engine, "aa", { actor });
  expect(row("aa").state).toMatchObject({ Status: "paused", Running: true, Paused: true });
  expect(await failure(pauseContainer(t.engine, "aa", { actor }))).toBe(`conflict: Container ${id} is already paused`);
  expect(await failure(start("aa"))).toBe("conflict: cannot start a paused container, try unpause instead");
  await unpauseContainer(t.engine, "aa", { actor });
  expect(await failure(unpauseContainer(t.engine, "aa", { actor }))).toBe(`internal: Container ${id} is not paused`);
  expect(row("aa").state.Status).toBe("running");
});

// names that are the beginning of no id
test("rename: checks, and names follow", async () => {
  await create("old");
  await create("other");
  await start("old");
  t.events();
  expect(await failure(renameContainer(t.engine, "old", "other", { actor }))).toBe(
    `conflict: Error when allocating new name: Conflict. The container name "/other" is already in use by container "${row("other").id}". You have to remove (or rename) that container to be able to reuse that name.`,
  );
  expect(await failure(renameContainer(t.engine, "old", "/old", { actor }))).toBe("invalid: Renaming a container with the same name as its current name");
  expect(await failure(renameContainer(t.engine, "old", "x", { actor }))).toBe("invalid: Error when allocating new name: Invalid container name (/x), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
  await renameContainer(t.engine, "old", "new", { actor });
  expect(t.events()).toEqual(["container rename /old"]);
  expect(row("new").name).toBe("new");
  expect(await failure(start("old"))).toBe("not_found: No such container: old");
});

test("remove: what runs stays unless it is forced; anonymous volumes go with -v only", async () => {
  await create("aa", { Volumes: { "/data": {} }, HostConfig: { Binds: ["kept:/kept"] } });
  await create("bb", { Volumes: { "/data": {} } });
  await start("aa");
  expect(await failure(removeContainer(t.engine, "aa", { actor }))).toBe('conflict: cannot remove container "aa": container is running: stop the container before removing or force remove');
  await pauseContainer(t.engine, "aa", { actor });
  expect(await failure(removeContainer(t.engine, "aa", { actor }))).toBe('conflict: cannot remove container "aa": container is paused and must be unpaused first');
  t.events();
  await removeContainer(t.engine, "aa", { force: true, volumes: true, actor });
  expect(t.events()).toEqual(["container kill 9", "network disconnect", "volume unmount", "volume unmount", "container die 137", "volume destroy", "container destroy"]);
  await removeContainer(t.engine, "bb", { actor });
  expect(t.engine.store.view((tx) => tx.volumes.list()).map((volume) => volume.anonymous).toSorted()).toEqual([false, true]);
  expect(await failure(removeContainer(t.engine, "aa", { actor }))).toBe("not_found: No such container: aa");
});

test("two removals at once: one does it, the other finds nothing", async () => {
  await create("aa");
  const [first, second] = await Promise.all([failure(removeContainer(t.engine, "aa", { actor })), failure(removeContainer(t.engine, "aa", { actor }))]);
  expect([first, second].toSorted()).toEqual(["no failure", "not_found: No such container: aa"]);
});

test("waits: conditions, and a name that is not there", async () => {
  await create("aa");
  expect(await waited("aa")).toEqual({ StatusCode: 0 });
  expect(() => waitContainer(t.engine, "aa", { condition: "foo" })).toThrow('invalid condition: "foo"');
  expect(() => waitContainer(t.engine, "bb", {})).toThrow("No such container: bb");
  const control = new AbortController();
  const { response } = waitContainer(t.engine, "aa", { condition: "next-exit", signal: control.signal });
  control.abort();
  expect(await failure(response)).toBe("cancelled: the client is gone");
});
