import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { MountPoint } from "../../wire/docker.ts";
import { pin } from "../removal/pins.ts";
import { Bench } from "../removal/testing/bench.ts";
import { createVolume, ensureVolume } from "./create.ts";
import { inspectVolume } from "./inspect.ts";
import { listVolumes } from "./list.ts";
import { describeMount, mountCommand, mountReason } from "./options.ts";
import { pruneVolumes } from "./prune.ts";
import { removeVolume } from "./remove.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const failure = async (work: () => unknown): Promise<string> => {
  try {
    await work();
    return "no failure";
  } catch (error) {
    return (error as Error).message;
  }
};
const create = (name: string, rest: object = {}) => createVolume(bench, { Name: name, ...rest }, {});
const remove = (name: string, force = false) => removeVolume(bench, name, { force, actor: {} });
const filters = (record: Record<string, string[]>) => new Map(Object.entries(record));
const names = (record: Record<string, string[]> = {}) => listVolumes(bench, filters(record)).Volumes.map((volume) => volume.Name);
const prune = async (record: Record<string, string[]> = {}) => (await pruneVolumes(bench, filters(record), {})).VolumesDeleted;

/** A container that mounts the volume. */
function use(volume: string, running = false): string {
  const id = bench.container({ name: `c-${volume}`, image: bench.image({ layers: ["l"], salt: volume }), running });
  const mount: MountPoint = { Type: "volume", Name: volume, Source: "", Destination: "/v", Mode: "z", RW: true, Propagation: "" };
  bench.store.update((tx) => {
    const row = tx.containers.find(id);
    if (row !== undefined) tx.containers.put({ ...row, mounts: [mount] });
  });
  return id;
}

test("a volume is a directory with Docker's JSON; made again it is the same one", () => {
  const made = create("data", { Labels: { a: "b" } });
  expect(made).toEqual({ CreatedAt: "2026-01-01T00:00:00Z", Driver: "local", Labels: { a: "b" }, Mountpoint: join(bench.root, "volumes/data/_data"), Name: "data", Options: null, Scope: "local" });
  expect(existsSync(made.Mountpoint)).toBe(true);
  bench.nowMs += 5000;
  expect(create("data", { Labels: { a: "c" }, DriverOpts: { type: "tmpfs", device: "x" } })).toEqual(made);
  expect(inspectVolume(bench, "data")).toEqual(made);
  expect(bench.eventsSince(0).map((event) => [event.type, event.action, event.actorId, event.attributes])).toEqual([["volume", "create", "data", { driver: "local" }]]);
});

test("without a name it is anonymous, and remembers what it was made for", () => {
  const made = createVolume(bench, {}, {});
  expect(made.Name).toMatch(/^[0-9a-f]{64}$/);
  expect(made.Labels).toEqual({ "com.docker.volume.anonymous": "" });
  const row = ensureVolume(bench, {}, {}, { containerId: "c", image: "i", path: "/data" });
  expect(row.madeFor?.path).toBe("/data");
});

test("names and options that cannot be are refused in Docker's words", async () => {
  const cases: [object, string][] = [
    [{ Name: "d" }, "create d: volume name is too short, names should be at least two alphanumeric characters"],
    [{ Name: "-dd" }, 'create -dd: "-dd" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path'],
    [{ Name: "../x" }, 'create ../x: "../x" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path'],
    [{ Name: "ddv", Driver: "foo" }, 'create ddv: error looking up volume plugin foo: plugin "foo" not found'],
    [{ Name: "ddv", DriverOpts: { foo: "x" } }, 'create ddv: invalid option: "foo"'],
    [{ Name: "ddv", DriverOpts: { type: "tmpfs" } }, 'create ddv: missing required option: "device"'],
    [{ Name: "ddv", DriverOpts: { device: "tmpfs" } }, 'create ddv: missing required option: "type"'],
    [{ Name: "ddv", DriverOpts: { o: "bind" } }, 'create ddv: missing required option: "device"'],
  ];
  for (const [request, text] of cases) expect(await failure(() => createVolume(bench, request, {}))).toBe(text);
  expect(names()).toEqual([]);
});

test("lists are filtered by name, label, driver and use", async () => {
  for (const name of ["web-data", "db-data"]) create(name, { Labels: { [name]: "" } });
  use("db-data");
  expect(names({ name: ["^web"] })).toEqual(["web-data"]);
  expect(names({ name: ["("] })).toEqual([]);
  expect(names({ label: ["db-data"] })).toEqual(["db-data"]);
  expect(names({ driver: ["other"] })).toEqual([]);
  expect(names({ dangling: ["true"] })).toEqual(["web-data"]);
  expect(names({ dangling: ["0"] })).toEqual(["db-data"]);
  expect(await failure(() => names({ foo: ["x"] }))).toBe("invalid filter 'foo'");
  expect(await failure(() => names({ dangling: ["x"] }))).toBe("invalid filter 'dangling=[x]'");
});

test("a volume in use stays, stopped containers count; a missing one is an error unless forced", async () => {
  const { Mountpoint } = create("data");
  const user = use("data");
  expect(await failure(() => remove("data"))).toBe(`remove data: volume is in use - [${user}]`);
  expect(await failure(() => remove("data", true))).toBe(`remove data: volume is in use - [${user}]`);
  bench.dropContainer(user);
  await remove("data");
  expect(existsSync(dirname(Mountpoint))).toBe(false);
  expect(await failure(() => remove("data"))).toBe("get data: no such volume");
  await remove("data", true);
  expect(bench.eventsSince(0).filter((event) => event.type === "volume").map((event) => event.action)).toEqual(["create", "destroy"]);
});

test("a pinned volume stays, whoever prunes or removes", async () => {
  create("data");
  pin(bench, { kind: "volume", name: "data", actor: {} });
  expect(await failure(() => remove("data", true))).toContain("volume is pinned");
  expect(await prune({ all: ["true"] })).toEqual([]);
});

test("prune takes anonymous ones that nothing refers to, with all also named ones, never those with options", async () => {
  const anonymous = createVolume(bench, { Labels: { keep: "no" } }, {});
  const busy = createVolume(bench, {}, {});
  use(busy.Name);
  create("named");
  create("mounted", { DriverOpts: { type: "tmpfs", device: "tmpfs" } });
  expect(await prune({ "label!": ["keep=no"] })).toEqual([]);
  expect(await prune({ label: ["keep"] })).toEqual([anonymous.Name]);
  expect(await prune()).toEqual([]);
  expect(await prune({ all: ["1"] })).toEqual(["named"]);
  expect(names().toSorted()).toEqual([busy.Name, "mounted"].toSorted());
  expect(await failure(() => prune({ all: ["x"] }))).toBe(`invalid filter 'all': strconv.ParseBool: parsing "x": invalid syntax`);
  expect(await failure(() => prune({ until: ["1h"] }))).toBe("invalid filter 'until'");
});

test("prune tells the bytes that came back", async () => {
  const row = ensureVolume(bench, {}, {});
  bench.store.update((tx) => tx.volumes.put({ ...row, sizeBytes: 5, diskBytes: 4096 }));
  expect(await pruneVolumes(bench, filters({}), {})).toEqual({ VolumesDeleted: [row.name], SpaceReclaimed: 5 });
  expect(bench.eventsSince(0).at(-1)).toMatchObject({ type: "volume", action: "prune", attributes: { reclaimed: "5" } });
});

test("options become a mount command, and Docker's description of it", () => {
  expect(mountCommand({ type: "tmpfs", device: "tmpfs", o: "size=1m,ro" }, "/t")).toEqual(["mount", "-t", "tmpfs", "-o", "size=1m,ro", "--", "tmpfs", "/t"]);
  expect(mountCommand({ type: "none", device: "/d", o: "bind" }, "/t")).toEqual(["mount", "-o", "bind", "--", "/d", "/t"]);
  expect(mountCommand({ type: "nfs", device: ":/x", o: "addr=10.0.0.1,rw" }, "/t")).toEqual(["mount", "-t", "nfs", "-o", "addr=10.0.0.1,rw", "--", ":/x", "/t"]);
  expect(describeMount({ type: "none", device: "/d", o: "bind" }, "/t")).toBe("mount /d:/t, flags: 0x1000");
  expect(describeMount({ type: "tmpfs", device: "tmpfs", o: "size=1m,noexec" }, "/t")).toBe("mount tmpfs:/t, flags: 0x8, data: size=1m");
  expect(mountReason("mount: /t: special device /d does not exist.\n")).toBe("no such file or directory");
});
