import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Bench } from "../removal/testing/bench.ts";
import { imageHistory } from "./history.ts";
import { listImages } from "./read.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const D = (digit: string): string => `@sha256:${digit.repeat(64)}`;
const entry = (text: string, empty: boolean) => ({ created: "2026-01-01T00:00:00Z", created_by: text, ...(empty ? { empty_layer: true } : {}) });
const HOUR = 3600 * 1000;

/** First names of what is listed, or the beginning of the label. */
function listed(filters: Record<string, string[]> = {}, all = false): string[] {
  return listImages(bench, { filters: new Map(Object.entries(filters)), all }).map((image) => image.RepoTags[0] ?? image.RepoDigests[0] ?? image.Labels?.["name"] ?? "<none>");
}

/** A tagged child, its untagged parent, a dangling image, one with a digest only, one in use. Newest last. */
function stock(): void {
  const at = bench.nowMs - 10 * HOUR;
  const parent = bench.image({ layers: ["a-10"], labels: { name: "parent" }, createdMs: at });
  bench.image({ layers: ["a-10", "b-20"], tags: ["x:1", "x:2", `x${D("1")}`, "reg:5000/y/z:1"], parent, labels: { name: "child", k: "v" }, createdMs: at + HOUR });
  bench.image({ layers: ["c-30"], labels: { name: "dangling", k: "w" }, createdMs: at + 2 * HOUR });
  bench.image({ layers: ["d-4000"], tags: [`d${D("2")}`], createdMs: at + 3 * HOUR });
  bench.container({ name: "c", image: bench.image({ layers: ["a-10", "e-50"], tags: ["used:latest"], createdMs: at + 4 * HOUR }) });
}

describe("listing", () => {
  const cases: [string, Record<string, string[]>, boolean, string[]][] = [
    ["newest first, without intermediates", {}, false, ["used:latest", `d${D("2")}`, "dangling", "x:1"]],
    ["with -a intermediates too", {}, true, ["used:latest", `d${D("2")}`, "dangling", "x:1", "parent"]],
    ["dangling: leaves without a tag", { dangling: ["true"] }, false, [`d${D("2")}`, "dangling"]],
    ["not dangling", { dangling: ["false"] }, false, ["used:latest", `d${D("2")}`, "x:1"]],
    ["dangling! is the same", { "dangling!": ["1"] }, false, ["used:latest", `d${D("2")}`, "x:1"]],
    ["labels are joined by AND", { label: ["k=v", "name"] }, false, ["x:1"]],
    ["label!", { "label!": ["k"] }, false, ["used:latest", `d${D("2")}`]],
    ["before is strict", { before: ["used"] }, false, [`d${D("2")}`, "dangling", "x:1"]],
    ["several before: the oldest", { before: ["used", "x:1"] }, true, ["parent"]],
    ["since", { since: ["x:2"] }, false, ["used:latest", `d${D("2")}`, "dangling"]],
    ["until", { until: ["8h"] }, false, ["x:1"]],
    ["reference: a repository, all its tags", { reference: ["x"] }, false, ["x:1"]],
    ["reference: a star stops at a slash", { reference: ["*:1"] }, false, ["x:1"]],
    ["reference hides what has no name", { reference: ["nothing"] }, false, []],
    ["reference!", { "reference!": ["x:*"] }, false, ["used:latest", `d${D("2")}`, "reg:5000/y/z:1"]],
    ["in-use", { "in-use": ["true"] }, false, ["used:latest"]],
    ["in-use!", { "in-use!": ["true"] }, false, [`d${D("2")}`, "dangling", "x:1"]],
    ["larger-than", { "larger-than": ["1kB"] }, false, [`d${D("2")}`]],
  ];
  for (const [name, filters, all, expected] of cases) {
    test(name, () => {
      stock();
      expect(listed(filters, all)).toEqual(expected);
    });
  }

  test("reference leaves out the names that don't match", () => {
    stock();
    const [image] = listImages(bench, { filters: new Map([["reference", ["x:2", "reg:5000/*/*"]]]) });
    expect([image?.RepoTags, image?.RepoDigests]).toEqual([["x:2", "reg:5000/y/z:1"], []]);
  });

  test("the shape, with sizes shared or not", () => {
    stock();
    const [used] = listImages(bench, { filters: new Map(), sharedSize: true });
    expect(used).toEqual({
      Containers: 1, Created: Math.floor((bench.nowMs - 6 * HOUR) / 1000), Id: expect.stringMatching(/^sha256:/), Labels: null, ParentId: "",
      RepoDigests: [], RepoTags: ["used:latest"], SharedSize: 10, Size: 60,
    });
    expect(listImages(bench, { filters: new Map() })[0]?.SharedSize).toBe(-1);
  });

  test("unknown keys, images and booleans are told", () => {
    expect(() => listed({ bogus: ["1"] })).toThrow("invalid filter 'bogus'");
    expect(() => listed({ before: ["nothing"] })).toThrow("No such image: nothing:latest");
    expect(() => listed({ dangling: ["x"] })).toThrow("invalid filter 'dangling=[x]'");
    expect(() => listed({ "larger-than": ["much"] })).toThrow("invalid filter 'larger-than=[much]'");
  });
});

test("history: newest first, sizes by layer, names of the image and its local parents", () => {
  const parent = bench.image({ layers: ["a-10"], tags: ["p:1"], history: [entry("base", false)] });
  const child = bench.image({ layers: ["a-10", "b-20"], tags: ["x:1", "x:2"], parent, history: [entry("base", false), entry("label", true), entry("run", false)] });
  expect(imageHistory(bench, "x:1").map((item) => [item.CreatedBy, item.Size, item.Id, item.Tags])).toEqual([
    ["run", 20, child, ["x:1", "x:2"]],
    ["label", 0, parent, ["p:1"]],
    ["base", 10, "<missing>", null],
  ]);
});
