import { afterEach, beforeEach, expect, test } from "bun:test";
import { Bench } from "../removal/testing/bench.ts";
import { resolveImage } from "./names.ts";
import { tagImage } from "./tag.ts";
import { touchImage } from "./touch.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const resolve = (name: string) => bench.store.view((tx) => resolveImage(tx, name));
const D = `@sha256:${"1".repeat(64)}`;

test("a name comes before an ID, an ID may be short and with or without its algorithm", () => {
  const id = bench.image({ layers: ["a"], tags: ["x:1", "y:latest", `z${D}`] });
  const hex = id.slice("sha256:".length);
  for (const name of ["x:1", "y", "y:latest", "docker.io/library/y", `z${D}`, `z:any${D}`]) expect(resolve(name)).toMatchObject({ image: { id }, byId: false });
  for (const name of [id, hex, hex.slice(0, 12), `sha256:${hex.slice(0, 5)}`]) expect(resolve(name)).toMatchObject({ image: { id }, byId: true });
  const other = bench.image({ layers: ["b"] });
  bench.tag(`${hex.slice(0, 12)}:latest`, other);
  expect(resolve(hex.slice(0, 12))).toMatchObject({ image: { id: other }, byId: false });
});

test("what is not there is told with its tag filled in", () => {
  const full = "0".repeat(64);
  const cases: [string, string, string][] = [
    ["nothing", "not_found", "No such image: nothing:latest"],
    ["nothing:1", "not_found", "No such image: nothing:1"],
    ["docker.io/library/nothing", "not_found", "No such image: nothing:latest"],
    [`nothing:1${D}`, "not_found", `No such image: nothing:1${D}`],
    [full, "not_found", `No such image: sha256:${full}`],
    [`sha256:${full}`, "not_found", `No such image: sha256:${full}`],
    ["sha256:zz", "not_found", "No such image: sha256:zz"],
    ["NOTHING", "invalid", "invalid reference format: repository name (library/NOTHING) must be lowercase"],
  ];
  for (const [name, kind, message] of cases) {
    let thrown: unknown;
    try {
      resolve(name);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ kind, message });
  }
});

test("an ambiguous beginning of an ID is not found", () => {
  const ids: string[] = [];
  // seventeen images: two begin alike
  for (let index = 0; index < 17; index++) ids.push(bench.image({ layers: [], salt: `${index}` }).slice("sha256:".length));
  const letter = ids.map((id) => id.charAt(0)).find((first, index, all) => all.indexOf(first) !== index) ?? "";
  expect(() => resolve(letter)).toThrow(`No such image: ${letter}:latest`);
});

test("a tag moves silently; the repository may bring its own tag, the given one wins", () => {
  const one = bench.image({ layers: ["a"], tags: ["x:1"] });
  const two = bench.image({ layers: ["b"] });
  bench.nowMs += 5000;
  tagImage(bench, two, "x", "1", {});
  expect(resolve("x:1").image).toMatchObject({ id: two, lastTaggedMs: bench.nowMs });
  tagImage(bench, one, "y:8", "", {});
  tagImage(bench, one, "y:8", "9", {});
  tagImage(bench, one, "z", "", {});
  expect(bench.store.view((tx) => tx.refs.by("image", one).map((ref) => ref.name))).toEqual(["docker.io/library/y:8", "docker.io/library/y:9", "docker.io/library/z:latest"]);
  const event = bench.eventsSince(0).at(-1);
  expect([event?.action, event?.actorId, event?.attributes]).toEqual(["tag", one, { name: "z:latest" }]);
});

test("names that cannot be given are refused in Docker's words", () => {
  const id = bench.image({ layers: ["a"], tags: ["x:1"] });
  const cases: [string, string, string][] = [
    ["a", "b c", "invalid tag format"],
    ["UP", "1", "invalid reference format: repository name (library/UP) must be lowercase"],
    [`x${D}`, "", "cannot import digest reference"],
    [id.slice("sha256:".length), "", `invalid repository name (${id.slice("sha256:".length)}), cannot specify 64-byte hexadecimal strings`],
    ["sha256", "x", "refusing to create an ambiguous tag using digest algorithm as name"],
  ];
  for (const [repo, tag, message] of cases) expect(() => tagImage(bench, "x:1", repo, tag, {})).toThrow(message);
  expect(() => tagImage(bench, "nothing", "a", "b", {})).toThrow("No such image: nothing:latest");
});

test("use is counted", () => {
  const id = bench.image({ layers: ["a"] });
  bench.store.update((tx) => touchImage(tx, id, 42));
  bench.store.update((tx) => touchImage(tx, id, 43));
  expect(bench.store.view((tx) => tx.images.find(id))).toMatchObject({ lastUsedMs: 43, useCount: 2 });
});
