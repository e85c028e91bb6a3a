import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { ContainerRow, NetworkRow, VolumeRow } from "../../store/store.ts";
import { applyImages } from "./apply-images.ts";
import { planContainer } from "./container-plan.ts";
import { Draft } from "./draft.ts";
import { planFree } from "./free.ts";
import { planImagePrune } from "./image-prune-plan.ts";
import { makePlan } from "./make-plan.ts";
import { pin } from "./pins.ts";
import { pruneImages } from "./prune.ts";
import { Bench, sha } from "./testing/bench.ts";
import { keepPlan, takePlan } from "./token.ts";
import { findChanges } from "./verify.ts";
import { prunableContainers } from "./container-filter.ts";
import { explain } from "./why.ts";
import { graph } from "./graph.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const filters = (...pairs: [string, string][]): Map<string, string[]> => {
  const map = new Map<string, string[]>();
  for (const [key, value] of pairs) map.set(key, [...(map.get(key) ?? []), value]);
  return map;
};
const HOUR = 3600 * 1000;
function volume(name: string, anonymous: boolean): VolumeRow {
  return { name, driver: "local", created: "", createdMs: 0, labels: anonymous ? { "com.docker.volume.anonymous": "" } : {}, options: {}, anonymous, sizeBytes: 90, diskBytes: 100 };
}

function network(name: string): NetworkRow {
  const ipam = { driver: "default", options: null, config: [] };
  return { id: sha(name).slice(7), name, driver: "bridge", created: "", createdMs: 0, internal: false, attachable: false, enableIPv6: false, ipam, options: {}, labels: {}, predefined: false };
}

const mount = (name: string) => ({ Type: "volume" as const, Name: name, Source: "", Destination: "/v", Mode: "", RW: true, Propagation: "" });
/** The image tagged x:1. */
const only = () => bench.store.view((tx) => tx.refs.find("docker.io/library/x:1")?.imageId ?? sha("none"));
const D = (digit: string): string => `@sha256:${digit.repeat(64)}`;

async function pruned(...pairs: [string, string][]): Promise<string[]> {
  const { ImagesDeleted } = await pruneImages(bench, filters(...pairs), {});
  return (ImagesDeleted ?? []).flatMap((item) => (item.Untagged === undefined ? [] : [item.Untagged]));
}

describe("image prune", () => {
  test("takes untagged leaves and those with digests only; nothing to do is null", async () => {
    bench.image({ layers: ["a"], tags: ["x:1"] });
    expect(await pruneImages(bench, filters(), {})).toEqual({ ImagesDeleted: null, SpaceReclaimed: 0 });
    const loose = bench.image({ layers: ["b-20"] });
    bench.image({ layers: ["c-30"], tags: [`y${D("1")}`] });
    const report = await pruneImages(bench, filters(), {});
    expect(report.SpaceReclaimed).toBe(50);
    expect(report.ImagesDeleted).toContainEqual({ Deleted: loose });
    expect(report.ImagesDeleted).toContainEqual({ Untagged: `y${D("1")}` });
    const event = bench.eventsSince(0).at(-1);
    expect([event?.type, event?.action, event?.actorId, event?.attributes]).toEqual(["image", "prune", "", { reclaimed: "50" }]);
  });

  test("keeps what containers use, running or not", async () => {
    bench.container({ name: "c", image: bench.image({ layers: ["a"] }) });
    expect((await pruneImages(bench, filters(["dangling", "false"]), {})).ImagesDeleted).toBeNull();
  });

  test("with -a an image in use keeps exactly its last name", async () => {
    bench.container({ name: "c", image: bench.image({ layers: ["a"], tags: ["x:1", "x:2", "y:1"] }) });
    expect(await pruned(["dangling", "false"])).toEqual(["x:1", "x:2"]);
  });

  test("with -a everything unused goes, intermediates upward too", async () => {
    const parent = bench.image({ layers: ["a"], salt: "p" });
    bench.image({ layers: ["a", "b"], tags: ["x:1"], parent });
    bench.image({ layers: ["q"], tags: ["z:1", "z:2"] });
    expect(await pruned(["dangling", "false"])).toEqual(["z:1", "z:2", "x:1"]);
    expect(bench.store.view((tx) => [tx.images.size, tx.layers.size, tx.diffs.size, tx.blobs.size])).toEqual([0, 0, 0, 0]);
    await bench.store.idle();
    expect([bench.layersOnDisk(), bench.blobsOnDisk()]).toEqual([[], []]);
  });

  const cases: [string, [string, string][], string[]][] = [
    ["label", [["label", "keep"]], ["old:1"]],
    ["label! excludes only what has all", [["label!", "keep"], ["label!", "x=1"]], ["big:1", "fresh:1", "old:1"]],
    ["until is the build date", [["until", "20h"]], ["fresh:1", "old:1"]],
    ["until! is its opposite", [["until!", "20h"]], ["big:1"]],
    ["pulled-before is when it came", [["pulled-before", "20h"]], ["big:1", "old:1"]],
    ["unused-for", [["unused-for", "20h"]], ["old:1"]],
    ["unused-for!", [["unused-for!", "20h"]], ["big:1", "fresh:1"]],
    ["larger-than", [["larger-than", "500B"]], ["big:1"]],
    ["reference", [["reference", "o*:*"]], ["old:1"]],
    ["reference!", [["reference!", "o*:*"]], ["big:1", "fresh:1"]],
    ["keys are joined by AND", [["larger-than!", "500B"], ["label", "keep"]], ["old:1"]],
  ];
  for (const [name, pairs, expected] of cases) {
    test(`filter ${name}`, async () => {
      const now = bench.nowMs;
      bench.image({ layers: ["o-10"], tags: ["old:1"], labels: { keep: "" }, createdMs: now - 48 * HOUR, pulledMs: now - 48 * HOUR });
      bench.image({ layers: ["f-10"], tags: ["fresh:1"], createdMs: now - 48 * HOUR, pulledMs: now - HOUR });
      bench.image({ layers: ["b-1000"], tags: ["big:1"], createdMs: now - HOUR, pulledMs: now - 48 * HOUR, lastUsedMs: now - HOUR });
      const used = bench.image({ layers: ["u-10"], tags: ["used:1"], labels: { keep: "" }, createdMs: now - 48 * HOUR, pulledMs: now - 48 * HOUR });
      bench.container({ name: "c", image: used });
      expect((await pruned(["dangling", "false"], ...pairs)).toSorted()).toEqual(expected);
    });
  }

  test("filter keep-last keeps the newest of each repository", async () => {
    for (const [index, tag] of ["a:1", "a:2", "a:3", "b:1"].entries()) bench.image({ layers: [tag], tags: [tag], createdMs: bench.nowMs + index });
    expect((await pruned(["dangling", "false"], ["keep-last", "1"])).toSorted()).toEqual(["a:1", "a:2"]);
    await expect(pruneImages(bench, filters(["keep-last", "x"]), {})).rejects.toThrow("invalid filter 'keep-last=[x]'");
  });

  test("refuses what it doesn't know", async () => {
    await expect(pruneImages(bench, filters(["bogus", "1"]), {})).rejects.toThrow("invalid filter 'bogus'");
    await expect(pruneImages(bench, filters(["bogus!", "1"]), {})).rejects.toThrow("invalid filter 'bogus!'");
    await expect(pruneImages(bench, filters(["dangling", "x"]), {})).rejects.toThrow("invalid filter 'dangling=[x]'");
    await expect(pruneImages(bench, filters(["until", "1h"], ["until", "2h"]), {})).rejects.toThrow("more than one until filter specified");
  });

  test("a pinned image stays, and the plan says so", async () => {
    const id = bench.image({ layers: ["a"], tags: ["x:1"] });
    pin(bench, { kind: "image", name: id, actor: {} });
    const plan = await makePlan(bench, { prune: { images: { filters: filters(["dangling", "false"]) } } });
    expect(plan.objects).toEqual([]);
    expect(plan.kept).toMatchObject([{ kind: "image", id, blockers: [{ kind: "pin" }] }]);
    expect(await pruned(["dangling", "false"])).toEqual([]);
  });
});

describe("a plan and its token", () => {
  test("the newest plans are kept, as many as there is room for, and each for an hour", () => {
    const plan = (bytes: number) => keepPlan(bench, { what: "x".repeat(bytes), objects: [], kept: [], freesBytes: 0, dockerBytes: 0 });
    const isKept = (token: string): boolean => bench.store.view((tx) => tx.plans.has(token));
    const large = [plan(12 << 20), plan(12 << 20), plan(12 << 20)];
    expect(large.map(isKept)).toEqual([false, true, true]);
    const small = Array.from({ length: 100 }, () => plan(10));
    expect([...large, ...small].map(isKept).filter(Boolean).length).toBe(100);
    expect(small.every(isKept)).toBe(true);
    bench.nowMs += HOUR + 1;
    expect(() => takePlan(bench, small[0] ?? "")).toThrow("No such plan");
    expect(isKept(plan(1))).toBe(true);
    expect(small.some(isKept)).toBe(false);
  });

  test("containers first: an image that only they used can go after them, every byte counted once", () => {
    const image = bench.image({ layers: ["a-100", "b-10"], tags: ["x:1"] });
    bench.container({ name: "c", image });
    bench.store.view((tx) => {
      const draft = new Draft(tx);
      const [row] = tx.containers.list();
      const object = planContainer(draft, { row: row as ContainerRow, reason: "test", force: false }, { rwBytes: 3, rwDiskBytes: 30, filesBytes: 7 });
      expect(object).toMatchObject({ kind: "container", name: "c", freesBytes: 37, dockerBytes: 3 });
      const plan = planImagePrune(tx, filters(["dangling", "false"]), bench.nowMs, draft);
      expect(plan.objects.map((item) => item.kind)).toEqual(["tag", "image"]);
      expect(plan.dockerBytes).toBe(110);
    });
  });

  test("a container that outlives its image frees the layers it alone holds; a running one stays", () => {
    const image = bench.image({ layers: ["a-100"], tags: ["x:1"] });
    const [id, running] = [bench.container({ name: "c", image }), bench.container({ name: "r", image: bench.image({ layers: ["z"] }), running: true })];
    bench.store.update((tx) => {
      tx.refs.remove("docker.io/library/x:1");
      tx.images.remove(image);
    });
    bench.store.view((tx) => {
      const draft = new Draft(tx);
      const plan = (key: string) => planContainer(draft, { row: tx.containers.find(key) as ContainerRow, reason: "test", force: false }, { rwBytes: 0, rwDiskBytes: 1, filesBytes: 1 });
      expect(plan(id)).toMatchObject({ freesBytes: 102 });
      expect(plan(running)).toMatchObject({ kind: "container", reason: "container is running" });
    });
  });

  test("patterns stand for every name that matches", async () => {
    bench.image({ layers: ["a"], tags: ["web:1", "web:2", `web${D("1")}`, "other:1"] });
    bench.image({ layers: ["b"], tags: ["app:1.1", "app:2.0"] });
    const names = async (...images: string[]): Promise<string[]> => (await makePlan(bench, { remove: { images } })).objects.map((object) => (object.kind === "tag" ? object.name : object.kind));
    expect(await names("web:*")).toEqual(["web:1", "web:2", `web${D("1")}`]);
    expect(await names("app:1.*")).toEqual(["app:1.1"]);
    await expect(names("nothing*")).rejects.toThrow("No such image: nothing*");
  });

  test("volumes and networks: what only containers of the plan use goes with them", async () => {
    const image = bench.image({ layers: ["a"], tags: ["x:1"] });
    const [stopped, running] = [bench.container({ name: "stopped", image }), bench.container({ name: "running", image, running: true })];
    bench.store.update((tx) => {
      for (const name of ["named", "held"]) tx.volumes.put(volume(name, false));
      for (const name of ["anonymous", "used"]) tx.volumes.put(volume(name, true));
      for (const name of ["front", "back"]) tx.networks.put(network(name));
      const [first, second] = [tx.containers.find(stopped), tx.containers.find(running)] as [ContainerRow, ContainerRow];
      tx.containers.put({ ...first, mounts: [mount("used")], networks: { front: {} } });
      tx.containers.put({ ...second, mounts: [mount("held")], networks: { back: {} } });
    });
    const plan = async (all: boolean, containers: boolean): Promise<string[]> => {
      const { objects } = await makePlan(bench, { prune: { ...(containers ? { containers: { filters: filters() } } : {}), networks: { filters: filters() }, volumes: { filters: all ? filters(["all", "1"]) : filters() } } });
      return objects.map((object) => object.name);
    };
    expect(await plan(false, false)).toEqual(["anonymous"]);
    expect(await plan(true, true)).toEqual(["stopped", "front", "named", "anonymous", "used"]);
    const { objects, kept, freesBytes } = await makePlan(bench, { prune: { volumes: { filters: filters(["all", "true"]) } } });
    expect([objects.length, freesBytes]).toEqual([2, 200]);
    expect(kept.map((item) => [item.name, item.blockers.map((blocker) => blocker.name)])).toEqual([["held", ["running"]], ["used", ["stopped"]]]);
    expect(bench.store.view((tx) => findChanges(new Draft(tx), objects))).toEqual([]);
    bench.container({ name: "late", image });
    bench.store.update((tx) => {
      const late = tx.containers.by("name", "late")[0] as ContainerRow;
      tx.containers.put({ ...late, mounts: [mount("named")] });
    });
    expect(bench.store.view((tx) => findChanges(new Draft(tx), objects))).toEqual(["volume named: is held by container late now"]);
  });

  test("holds while the facts do, and is used once", async () => {
    bench.image({ layers: ["a"], tags: ["x:1"] });
    const { token, ...plan } = await makePlan(bench, { prune: { images: { filters: filters(["dangling", "false"]) } } });
    bench.image({ layers: ["later"], tags: ["later:1"] });
    expect(takePlan(bench, token)).toEqual(plan);
    expect(() => takePlan(bench, token)).toThrow("No such plan");
    expect(bench.store.view((tx) => findChanges(new Draft(tx), plan.objects))).toEqual([]);
    bench.store.update((tx) => applyImages(tx, bench.events, plan.objects, {}));
    expect(bench.store.view((tx) => tx.refs.list().map((ref) => ref.name))).toEqual(["docker.io/library/later:1"]);
  });

  test("an old one is gone", async () => {
    const { token } = await makePlan(bench, { prune: { images: { filters: filters() } } });
    bench.nowMs += 2 * HOUR;
    expect(() => takePlan(bench, token)).toThrow("No such plan");
  });

  const changes: [string, () => void, RegExp][] = [
    ["a container uses it now", () => bench.container({ name: "c", image: only() }), /used by stopped container/],
    ["the name moved", () => bench.tag("x:1", bench.image({ layers: ["other"] })), /names another image/],
    ["another name came", () => bench.tag("y:1", only()), /further names/],
    ["a layer is shared now", () => bench.image({ layers: ["a"], salt: "twin", tags: ["twin:1"] }), /frees something else/],
    ["it is gone", () => bench.store.update((tx) => tx.refs.remove("docker.io/library/x:1")), /tag x:1: is gone/],
    ["it was pinned", () => pin(bench, { kind: "image", name: "x:1", actor: {} }), /pinned/],
  ];
  for (const [name, change, text] of changes) {
    test(`does not hold when ${name}`, async () => {
      bench.image({ layers: ["a"], tags: ["x:1"] });
      const plan = await makePlan(bench, { remove: { images: ["x:1"] } });
      change();
      expect(bench.store.view((tx) => findChanges(new Draft(tx), plan.objects)).join("; ")).toMatch(text);
    });
  }
});

describe("freeing bytes", () => {
  test("takes the longest unused first and no more than needed", () => {
    const now = bench.nowMs;
    bench.image({ layers: ["base-100000", "a-1000"], tags: ["a:1"], pulledMs: now - 3 * HOUR });
    bench.image({ layers: ["base-100000", "b-1000"], tags: ["b:1"], pulledMs: now - 2 * HOUR });
    bench.image({ layers: ["c-500000"], tags: ["c:1"], pulledMs: now - HOUR });
    bench.image({ layers: ["d-900000"], tags: ["d:1"], pulledMs: now });
    const names = (bytes: number): string[] => planFree(bench, bytes).objects.flatMap((object) => (object.kind === "tag" ? [object.name] : []));
    expect(names(5)).toEqual(["a:1"]);
    expect(names(100_000)).toEqual(["a:1", "b:1"]);
    // the third alone suffices: the two before it would go in vain
    expect(names(504_000)).toEqual(["c:1"]);
    expect(names(1e9)).toEqual(["a:1", "b:1", "c:1", "d:1"]);
  });

  test("a parent with a name of its own goes after its child", () => {
    const parent = bench.image({ layers: ["p-100000"], tags: ["p:1"], pulledMs: bench.nowMs - HOUR });
    bench.image({ layers: ["p-100000", "c-10"], tags: ["c:1"], parent });
    const names = (bytes: number): string[] => planFree(bench, bytes).objects.map((object) => object.name);
    expect(names(1)).toEqual(["c:1", expect.any(String)]);
    expect(names(50_000)).toEqual(["c:1", expect.any(String), "p:1", expect.any(String)]);
  });

  test("leaves what is used, pinned or a used child's parent", () => {
    const parent = bench.image({ layers: ["p-100"], tags: ["p:1"] });
    bench.container({ name: "c", image: bench.image({ layers: ["p-100", "u-100"], parent }) });
    bench.image({ layers: ["x-100"], tags: ["x:1"] });
    pin(bench, { kind: "image", name: "x:1", actor: {} });
    expect(planFree(bench, 1e9).objects).toEqual([]);
  });
});

test("container filters: rest only, creation for until, labels, opposites", () => {
  const id = bench.image({ layers: ["a"], tags: ["x:1"] });
  const now = bench.nowMs;
  bench.container({ name: "old", image: id, createdMs: now - 48 * HOUR, labels: { keep: "1" } });
  bench.container({ name: "new", image: id, createdMs: now - HOUR });
  bench.container({ name: "live", image: id, createdMs: now - 48 * HOUR, running: true });
  const names = (...pairs: [string, string][]): string[] => bench.store.view((tx) => prunableContainers(tx, filters(...pairs), now).map((row) => row.name));
  expect(names()).toEqual(["new", "old"]);
  expect(names(["until", "24h"])).toEqual(["old"]);
  expect(names(["label!", "keep"])).toEqual(["new"]);
  expect(names(["name!", "^ol"])).toEqual(["new"]);
  expect(names(["ancestor", "x:1"], ["unused-for", "2h"])).toEqual(["old"]);
  expect(() => names(["bogus", "1"])).toThrow("invalid filter 'bogus'");
});

test("explaining an image names users, bytes and the way to remove it; the graph has every edge", async () => {
  const id = bench.image({ layers: ["a-100"], tags: ["x:1"] });
  bench.container({ name: "c", image: id });
  const told = await explain(bench, "x:1");
  expect(told).toMatchObject({ kind: "image", id, name: "x:1", removal: { possible: true, needsForce: true }, usedBy: [{ kind: "container", name: "c" }, { kind: "tag", name: "x:1" }] });
  // the container still holds the layer
  expect(told.removal.objects.flatMap((object) => object.frees.map((part) => part.what))).toEqual(["config"]);
  await expect(explain(bench, "nothing")).rejects.toThrow("No such object: nothing");
  const { nodes, edges } = graph(bench);
  const keys = new Set(nodes.map((node) => node.key));
  expect(edges.map((edge) => edge.how).toSorted()).toEqual(["made from", "names", "stands on"]);
  expect(edges.every((edge) => keys.has(edge.from) && keys.has(edge.to))).toBe(true);
});
