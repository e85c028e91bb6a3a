// The daemon is killed while images come and go: afterwards an image is whole or not there, can be had again, and nothing
// is left of the half.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { FAILPOINTS, type Failpoint } from "../../src/base/failpoint.ts";
import { archiveImage, docker25 } from "../support/archives.ts";
import { type CrashLab, openCrashLab } from "../support/crash-lab.ts";
import { type FakeRegistry, startFakeRegistry } from "../support/fake-registry.ts";
import { isRoot } from "../support/free-network.ts";
import { tarOf } from "../support/tar-text.ts";

let lab: CrashLab;
let registry: FakeRegistry;
const passed = new Set<Failpoint>();

beforeAll(async () => {
  if (!isRoot) return;
  lab = await openCrashLab();
  registry = await startFakeRegistry();
  registry.image("app", "v1", [{ files: [{ name: "one", content: "first" }] }, { files: [{ name: "two", content: "second" }] }]);
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
});

const layer = (name: string): Buffer => tarOf([{ name, content: `of ${name}` }]);

/** What comes in, by how it comes; each brings two layers or one that nobody else has. */
const WAYS: Readonly<Record<string, { name(): string; bring(): Promise<unknown> }>> = {
  import: { name: () => "imported:1", bring: () => lab.ok("POST", "/images/create?fromSrc=-&repo=imported&tag=1", layer("imported")) },
  load: { name: () => "loaded:1", bring: () => lab.ok("POST", "/images/load", docker25([archiveImage([layer("low"), layer("high")], ["docker.io/library/loaded:1"])])) },
  pull: { name: () => `${registry.address}/app:v1`, bring: () => lab.ok("POST", `/images/create?fromImage=${encodeURIComponent(`${registry.address}/app`)}&tag=v1`) },
};

async function isThere(name: string): Promise<boolean> {
  return (await lab.daemon.call("GET", `/images/${name}/json`)).status === 200;
}

/** A container of it can be made, and its files are there. */
async function isWhole(name: string): Promise<void> {
  const made = await lab.ok("POST", "/containers/create", { Image: name, Cmd: ["nothing"] });
  const { Id } = made.json() as { Id: string };
  const { text } = await lab.ok("GET", `/containers/${Id}/archive?path=/`);
  expect(text.length).toBeGreaterThan(1000);
  await lab.ok("DELETE", `/containers/${Id}?v=1`);
}

function crash(point: Failpoint, what: string, before: () => Promise<unknown>, work: () => Promise<unknown>, after: () => Promise<unknown>): void {
  passed.add(point);
  test(`${point}: ${what}`, async () => {
    try {
      await before();
      await lab.crashAt(point, work);
      await after();
    } finally {
      await lab.leavesNothing();
    }
  });
}

const nothing = async (): Promise<void> => undefined;

describe.skipIf(!isRoot)("a daemon that is killed", () => {
  for (const [way, { name, bring }] of Object.entries(WAYS)) {
    for (const point of ["image:after-unpack", "image:after-layer"] as const) {
      crash(point, `${way}: there is none, and it can be had`, nothing, bring, async () => {
        expect(await isThere(name())).toBe(false);
        await lab.leavesNothing();
        await bring();
        await isWhole(name());
      });
    }
    crash("image:after-row", `${way}: what is there is whole`, nothing, bring, async () => {
      const all = (await lab.ok("GET", "/images/json?all=1")).json() as { Id: string }[];
      for (const { Id } of all) await isWhole(Id);
      await bring();
      await isWhole(name());
    });
  }

  for (const point of ["collect:after-rows", "collect:after-file"] as const) {
    crash(point, "rmi: it is gone with its files", () => WAYS["load"]?.bring() ?? nothing(), () => lab.ok("DELETE", "/images/loaded:1"), async () => {
      expect(await isThere("loaded:1")).toBe(false);
    });
    crash(point, "prune: they are gone with their files", async () => {
      await lab.create("keeps-its-own");
      for (const { bring } of Object.values(WAYS)) await bring();
    }, () => lab.ok("POST", `/images/prune?filters=${encodeURIComponent('{"dangling":["false"]}')}`), async () => {
      for (const { name } of Object.values(WAYS)) expect(await isThere(name())).toBe(false);
    });
  }

  test("every point of an image's life was passed", () => {
    expect(FAILPOINTS.filter((point) => /^(image|collect):/.test(point) && !passed.has(point))).toEqual([]);
  });
});
