// Pulls onto a disk that is too small: refused before they begin where that can be known, stopped in time where not.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FakeRegistry, startFakeRegistry } from "../support/fake-registry.ts";
import { poll } from "../support/poll.ts";
import { type PullLab, startPullLab } from "../support/pull-lab.ts";

const MIB = 1 << 20;
let mounted = false;
let directory = "";
let lab: PullLab;
let registry: FakeRegistry;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "berth-space-"));
  mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=110m", "tmpfs", directory]).status === 0;
  lab = await startPullLab(mounted ? { directory } : {});
  registry = await startFakeRegistry();
});
afterEach(async () => {
  await lab[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  if (mounted) spawnSync("umount", ["-l", directory]);
  rmSync(directory, { recursive: true, force: true });
});

const text = (bytes: number) => Buffer.alloc(bytes, "all work and no play ");
const freeBytes = (): number => {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
};

test("an image that does not fit is refused with what could be removed", async () => {
  if (!mounted) return console.log("skipped: needs to mount a tmpfs");
  registry.image("old", "v1", [{ files: [{ name: "a", content: text(30 * MIB) }] }]);
  await lab.pull(`${registry.address}/old`, { tag: "v1" });
  const { manifest } = registry.image("new", "v1", [{ files: [{ name: "b", content: text(50 * MIB) }], compression: "none" }]);
  const refusal = await lab.pull(`${registry.address}/new`, { tag: "v1" }).catch((error: unknown) => error as Error & { kind: string; detail: object });
  expect(refusal).toMatchObject({ kind: "unavailable", detail: { plan: { objects: [{ kind: "tag" }, { kind: "tag" }, { kind: "image" }] } } });
  expect((refusal as Error).message).toMatch(/^no space left on device: the image needs about 52.43MB, \S+ are free; 'berth free \d+MB' would make enough room \(31\.\d+MB from 127\.0\.0\.1:\d+\/old:v1\)$/);
  expect(registry.gets(manifest.layers[0]?.digest ?? "")).toBe(0);
});

test("a layer that unpacks to far more than it says is stopped, and its bytes come back", async () => {
  if (!mounted) return console.log("skipped: needs to mount a tmpfs");
  const before = freeBytes();
  const { manifest } = registry.image("bomb", "v1", [{ files: [{ name: "bomb", content: text(400 * MIB) }] }]);
  expect(manifest.layers[0]?.size).toBeLessThan(3 * MIB);
  await expect(lab.pull(`${registry.address}/bomb`, { tag: "v1" })).rejects.toThrow("no space left on device");
  await poll("nothing is left", async () => (await lab.leftovers()).length === 0);
  // the worker that had the file open is ending
  await poll("the bytes are back", () => freeBytes() > before - MIB);
});

test("a disk that is full to the last byte", async () => {
  if (!mounted) return console.log("skipped: needs to mount a tmpfs");
  registry.image("app", "v1", [{ files: [{ name: "a", content: text(MIB) }] }]);
  let index = 0;
  try {
    for (;; index++) writeFileSync(join(directory, `filler-${index}`), new Uint8Array(MIB));
  } catch {
    // full
  }
  await expect(lab.pull(`${registry.address}/app`, { tag: "v1" })).rejects.toThrow("no space left on device");
  for (let made = 0; made <= index; made++) rmSync(join(directory, `filler-${made}`), { force: true });
  await lab.pull(`${registry.address}/app`, { tag: "v1" });
});
