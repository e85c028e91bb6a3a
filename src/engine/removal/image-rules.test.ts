// Docker's rules, case by case: texts, codes and lines as the real 28.5.2 gives them.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { ImageId } from "../../wire/oci.ts";
import { removeImage } from "../image/remove.ts";
import { makePlan } from "./make-plan.ts";
import { pin } from "./pins.ts";
import { Bench, sha } from "./testing/bench.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const short = (id: string): string => id.replace("sha256:", "").slice(0, 12);

/** The lines, or the error's text. */
async function rmi(name: string, options: { force?: boolean; noPrune?: boolean } = {}): Promise<string[] | string> {
  try {
    const items = await removeImage(bench, name, { ...options, actor: {} });
    return items.map((item) => (item.Untagged === undefined ? `Deleted ${item.Deleted}` : `Untagged ${item.Untagged}`));
  } catch (error) {
    return (error as Error).message;
  }
}

/** Chain id of layers by name. */
function chain(...names: string[]): string {
  return names.map(sha).reduce((below, diff) => sha(`${below} ${diff}`));
}

/** An image tagged x:1, its untagged parent, and the parent's. */
function threeGenerations(): [ImageId, ImageId, ImageId] {
  const grand = bench.image({ layers: ["a"] });
  const parent = bench.image({ layers: ["a"], salt: "label", parent: grand });
  return [grand, parent, bench.image({ layers: ["a", "b"], tags: ["x:1"], parent })];
}

const D = (digit: string): string => `@sha256:${digit.repeat(64)}`;

describe("by name", () => {
  test("one of two tags: only the name", async () => {
    bench.image({ layers: ["a"], tags: ["x:1", "x:2"] });
    expect(await rmi("x:1")).toEqual(["Untagged x:1"]);
    expect(await rmi("x")).toBe("No such image: x:latest");
  });

  test("the last tag takes the image and the layers nobody else has, top first", async () => {
    bench.image({ layers: ["base"], tags: ["base:1"] });
    const id = bench.image({ layers: ["base", "mid", "top"], tags: ["x:1"] });
    expect(await rmi("x:1")).toEqual(["Untagged x:1", `Deleted ${id}`, `Deleted ${chain("base", "mid", "top")}`, `Deleted ${chain("base", "mid")}`]);
  });

  test("digests leave with the last tag of their repository; others keep the image", async () => {
    const id = bench.image({ layers: ["a"], tags: ["x:1", `x${D("1")}`, `y${D("2")}`] });
    expect(await rmi("x:1")).toEqual(["Untagged x:1", `Untagged x${D("1")}`]);
    expect(await rmi(`y${D("2")}`)).toEqual([`Untagged y${D("2")}`, `Deleted ${id}`, `Deleted ${sha("a")}`]);
  });

  test("a digest removed takes no tag with it", async () => {
    bench.image({ layers: ["a"], tags: ["x:1", `x${D("1")}`] });
    expect(await rmi(`x${D("1")}`)).toEqual([`Untagged x${D("1")}`]);
  });

  for (const running of [false, true]) {
    test(`used by a ${running ? "running" : "stopped"} container: refused without -f, in the same words`, async () => {
      const id = bench.image({ layers: ["a"], tags: ["x:1"] });
      const container = bench.container({ name: "c", image: id, running });
      expect(await rmi("x:1")).toBe(`conflict: unable to remove repository reference "x:1" (must force) - container ${short(container)} is using its referenced image ${short(id)}`);
    });
  }

  test("-f with a running container: only the names go", async () => {
    const id = bench.image({ layers: ["a"], tags: ["x:1", `x${D("1")}`] });
    bench.container({ name: "c", image: id, running: true });
    expect(await rmi("x:1", { force: true })).toEqual(["Untagged x:1", `Untagged x${D("1")}`]);
    expect(bench.store.view((tx) => tx.images.has(id))).toBe(true);
  });

  test("-f with a stopped container: the image goes, its layers stay as long as the container", async () => {
    const id = bench.image({ layers: ["a", "b"], tags: ["x:1"] });
    const container = bench.container({ name: "c", image: id });
    expect(await rmi("x:1", { force: true })).toEqual(["Untagged x:1", `Deleted ${id}`]);
    expect(bench.store.view((tx) => tx.layers.size)).toBe(2);
    bench.dropContainer(container);
    await bench.store.idle();
    expect(bench.layersOnDisk()).toEqual([]);
  });

  test("a parent with children only loses its name, without a word", async () => {
    const parent = bench.image({ layers: ["a"], tags: ["x:1"] });
    bench.image({ layers: ["a", "b"], tags: ["child:1"], parent });
    expect(await rmi("x:1")).toEqual(["Untagged x:1"]);
  });

  test("untagged parents that nothing needs go too, unless --no-prune", async () => {
    const [grand, parent, child] = threeGenerations();
    expect(await rmi("x:1")).toEqual(["Untagged x:1", `Deleted ${child}`, `Deleted ${chain("a", "b")}`, `Deleted ${parent}`, `Deleted ${grand}`, `Deleted ${sha("a")}`]);
    const again = threeGenerations();
    expect(await rmi("x:1", { noPrune: true })).toEqual(["Untagged x:1", `Deleted ${again[2]}`, `Deleted ${chain("a", "b")}`]);
  });

  test("a tagged or used parent stops the walk upward", async () => {
    const parent = bench.image({ layers: ["a"], tags: ["parent:1"] });
    const child = bench.image({ layers: ["a", "b"], tags: ["x:1"], parent });
    expect(await rmi("x:1")).toEqual(["Untagged x:1", `Deleted ${child}`, `Deleted ${chain("a", "b")}`]);
  });
});

describe("by ID", () => {
  test("a single repository's names all go", async () => {
    const id = bench.image({ layers: ["a"], tags: ["x:1", `x${D("1")}`] });
    expect(await rmi(short(id))).toEqual(["Untagged x:1", `Untagged x${D("1")}`, `Deleted ${id}`, `Deleted ${sha("a")}`]);
  });

  test("two tags need -f, of one repository too", async () => {
    const id = bench.image({ layers: ["a"], tags: ["x:1", "x:2"] });
    expect(await rmi(id)).toBe(`conflict: unable to delete ${short(id)} (must be forced) - image is referenced in multiple repositories`);
    expect(await rmi(id, { force: true })).toEqual(["Untagged x:1", "Untagged x:2", `Deleted ${id}`, `Deleted ${sha("a")}`]);
    expect(await rmi(id)).toBe(`No such image: ${id}`);
  });

  test("conflicts in Docker's order: children, running, names, stopped; nothing is untagged", async () => {
    const id = bench.image({ layers: ["a"], tags: ["x:1", "y:1"] });
    const stopped = bench.container({ name: "s", image: id });
    expect(await rmi(id)).toBe(`conflict: unable to delete ${short(id)} (must be forced) - image is referenced in multiple repositories`);
    await rmi("y:1");
    expect(await rmi(id)).toBe(`conflict: unable to delete ${short(id)} (must be forced) - image is being used by stopped container ${short(stopped)}`);
    const running = bench.container({ name: "r", image: id, running: true });
    expect(await rmi(id, { force: true })).toBe(`conflict: unable to delete ${short(id)} (cannot be forced) - image is being used by running container ${short(running)}`);
    bench.image({ layers: ["a", "b"], tags: ["child:1"], parent: id });
    expect(await rmi(id, { force: true })).toBe(`conflict: unable to delete ${short(id)} (cannot be forced) - image has dependent child images`);
    expect(bench.store.view((tx) => tx.refs.has("docker.io/library/x:1"))).toBe(true);
  });

  test("a name that is also the beginning of the image's ID counts as ID", async () => {
    const id = bench.image({ layers: ["a"] });
    const hex = short(id);
    bench.tag(`${hex}:latest`, id);
    bench.tag("other:1", id);
    expect(await rmi(hex)).toContain("image is referenced in multiple repositories");
  });
});

test("an error tells everything in the way and a way out", async () => {
  const id = bench.image({ layers: ["a"], tags: ["x:1"] });
  bench.container({ name: "web", image: id, running: true });
  bench.container({ name: "old", image: id });
  bench.image({ layers: ["a", "b"], tags: ["child:1"], parent: id });
  const failed = removeImage(bench, "x:1", { actor: {} });
  await expect(failed).rejects.toMatchObject({
    kind: "conflict",
    detail: {
      blockers: [
        { kind: "container", name: "web", state: "running" },
        { kind: "container", name: "old", state: "exited" },
        { kind: "image", name: "child:1" },
      ],
      suggestion: "berth rm -f web old && berth rmi child:1 && berth rmi x:1",
    },
  });
});

test("the way out of an ID with several names says -f", async () => {
  const id = bench.image({ layers: ["a"], tags: ["x:1", "y:1"] });
  bench.container({ name: "old", image: id });
  await expect(removeImage(bench, id, { actor: {} })).rejects.toMatchObject({ detail: { suggestion: `berth rm old && berth rmi -f ${id}` } });
});

test("a pinned image keeps its last name and cannot be forced; another name may go", async () => {
  const id = bench.image({ layers: ["a"], tags: ["x:1", "x:2"] });
  pin(bench, { kind: "image", name: "x:1", reason: "golden", actor: {} });
  expect(await rmi("x:2")).toEqual(["Untagged x:2"]);
  expect(await rmi("x:1", { force: true })).toBe(`conflict: unable to remove repository reference "x:1" (cannot be forced) - image ${short(id)} is pinned`);
  expect(await rmi(id, { force: true })).toBe(`conflict: unable to delete ${short(id)} (cannot be forced) - image is pinned`);
});

test("events: one per name that was asked for, one for the image; a digest that follows its tag has none", async () => {
  const id = bench.image({ layers: ["a"], tags: ["x:1", `x${D("1")}`], labels: { k: "v" } });
  const before = bench.store.view((tx) => tx.lastEventSeq);
  await rmi("x:1");
  expect(bench.eventsSince(before).map((event) => [event.action, event.actorId, event.attributes])).toEqual([
    ["untag", id, { k: "v", name: id }],
    ["delete", id, { name: id }],
  ]);
});

test("platforms: one must match, several are refused", async () => {
  bench.image({ layers: ["a"], tags: ["x:1"] });
  const arm = { os: "linux", architecture: "arm64" };
  await expect(removeImage(bench, "x:1", { platforms: [arm], actor: {} })).rejects.toThrow("image with reference x:1 was found but its platform (linux/amd64) does not match the specified platform (linux/arm64)");
  await expect(removeImage(bench, "x:1", { platforms: [arm, arm], actor: {} })).rejects.toMatchObject({ kind: "invalid" });
});

test("exact bytes: a layer counts once, with its last holder; config and manifest count too", async () => {
  const first = bench.image({ layers: ["base-1000", "one-10"], tags: ["one:1"], manifest: "manifest of one" });
  bench.image({ layers: ["base-1000", "two-20"], tags: ["two:1"] });
  const plan = await makePlan(bench, { remove: { images: ["one:1", "two:1"] } });
  const images = plan.objects.filter((object) => object.kind === "image");
  const configBytes = images.map((object) => object.frees.filter((part) => part.what === "config").reduce((sum, part) => sum + part.bytes, 0));
  expect(images.map((object, index) => object.freesBytes - (configBytes[index] ?? 0))).toEqual([10 + 4096, 1020]);
  expect(images.map((object) => object.dockerBytes)).toEqual([10, 1020]);
  expect(plan.dockerBytes).toBe(1030);
  expect(configBytes.every((bytes) => bytes > 50)).toBe(true);
  expect(bench.store.view((tx) => tx.images.has(first))).toBe(true);
});

test("equal layers in two places are one directory: it goes with the second", async () => {
  bench.image({ layers: ["a-5", "same-100"], tags: ["x:1"] });
  bench.image({ layers: ["b-5", "same-100"], tags: ["y:1"] });
  const plan = await makePlan(bench, { remove: { images: ["x:1", "y:1"] } });
  const layers = plan.objects.map((object) => object.frees.filter((part) => part.what === "layer").map((part) => part.bytes));
  expect(layers.filter((list) => list.length > 0)).toEqual([[5], [100, 5]]);
  // Docker counts by chain
  expect(plan.dockerBytes).toBe(210);
});
