// Volumes with options: mounted for the first container that runs with them, unmounted after the last. Needs root.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Bench } from "../../src/engine/removal/testing/bench.ts";
import { createVolume } from "../../src/engine/volume/create.ts";
import { isMountPoint, mountVolume, unmountVolume } from "../../src/engine/volume/mount.ts";
import { removeVolume } from "../../src/engine/volume/remove.ts";
import type { MountPoint } from "../../src/wire/docker.ts";
import { isRoot } from "../support/free-network.ts";

let bench: Bench;
let directory: string;
beforeEach(async () => {
  bench = await Bench.open();
  directory = mkdtempSync("/tmp/berth-volume-test-");
});
afterEach(async () => {
  await bench.close();
  rmSync(directory, { recursive: true, force: true });
});

const mount = (Name: string, RW = true): MountPoint => ({ Type: "volume", Name, Source: "", Destination: "/v", Mode: "", RW, Propagation: "" });

function container(name: string, volume: string): string {
  const id = bench.container({ name, image: bench.image({ layers: ["l"], salt: name }) });
  setRunning(id, false, [mount(volume)]);
  return id;
}
function setRunning(id: string, running: boolean, mounts?: MountPoint[]): void {
  bench.store.update((tx) => {
    const row = tx.containers.find(id);
    if (row !== undefined) tx.containers.put({ ...row, state: { ...row.state, Running: running }, mounts: mounts ?? row.mounts });
  });
}

describe.skipIf(!isRoot)("volumes with options", () => {
  test("a bind volume is mounted while a container runs with it", async () => {
    writeFileSync(join(directory, "file"), "here");
    createVolume(bench, { Name: "bound", DriverOpts: { type: "none", device: directory, o: "bind" } }, {});
    const [one, two] = [container("one", "bound"), container("two", "bound")];
    const path = await mountVolume(bench, one, mount("bound"));
    setRunning(one, true);
    expect(existsSync(join(path, "file"))).toBe(true);
    expect(await mountVolume(bench, two, mount("bound"))).toBe(path);
    setRunning(two, true);
    setRunning(one, false);
    await unmountVolume(bench, one, mount("bound"));
    expect(isMountPoint(path)).toBe(true);
    setRunning(two, false);
    await unmountVolume(bench, two, mount("bound"));
    await unmountVolume(bench, two, mount("bound"));
    expect(isMountPoint(path)).toBe(false);
    const events = bench.eventsSince(0).filter((event) => event.action === "mount");
    expect(events[0]?.attributes).toEqual({ container: one, destination: "/v", driver: "local", propagation: "", "read/write": "true" });
  });

  test("removing a volume that is mounted still leaves what it shows alone", async () => {
    writeFileSync(join(directory, "file"), "here");
    createVolume(bench, { Name: "bound", DriverOpts: { type: "none", device: directory, o: "bind" } }, {});
    const path = await mountVolume(bench, "c", mount("bound"));
    await removeVolume(bench, "bound", { actor: {} });
    await bench.store.idle();
    expect(existsSync(path)).toBe(false);
    expect(existsSync(join(directory, "file"))).toBe(true);
  });

  test("what cannot be mounted is told in Docker's words", async () => {
    createVolume(bench, { Name: "gone", DriverOpts: { type: "none", device: join(directory, "missing"), o: "bind" } }, {});
    const path = bench.store.volumePath("gone");
    await expect(mountVolume(bench, "c", mount("gone"))).rejects.toThrow(
      `error while mounting volume '${path}': failed to mount local volume: mount ${join(directory, "missing")}:${path}, flags: 0x1000: no such file or directory`,
    );
    createVolume(bench, { Name: "empty", DriverOpts: { type: "none", device: "", o: "bind" } }, {});
    await expect(mountVolume(bench, "c", mount("empty"))).rejects.toThrow(`error while mounting volume '${bench.store.volumePath("empty")}': missing device in volume options`);
  });

  test("a writable mount makes the size unknown, a read-only one does not", async () => {
    createVolume(bench, { Name: "plain" }, {});
    mkdirSync(directory, { recursive: true });
    const size = () => bench.store.view((tx) => tx.volumes.find("plain")?.sizeBytes);
    bench.store.update((tx) => {
      const row = tx.volumes.find("plain");
      if (row !== undefined) tx.volumes.put({ ...row, sizeBytes: 7 });
    });
    await mountVolume(bench, "c", mount("plain", false));
    expect(size()).toBe(7);
    await mountVolume(bench, "c", mount("plain"));
    expect(size()).toBeUndefined();
  });
});
