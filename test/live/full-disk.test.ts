// A disk that gets full while something is unpacked, copied or written: told in Docker's words, and all room comes back. Needs root.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, statfsSync, statSync } from "node:fs";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { isRoot } from "../support/free-network.ts";
import { cgroupParent, removeCgroupParent } from "../support/machine-traces.ts";
import { poll } from "../support/poll.ts";
import { tarOf } from "../support/tar-text.ts";
import { importBase } from "../contract/imported-image.ts";
import { type Traces, tracesAtRest, tracesOf } from "../contract/traces.ts";

const DISK_MB = 64;
const MIB = 1024 * 1024;
let disk = "";
let daemon: TestDaemon;

beforeAll(async () => {
  if (!isRoot) return;
  disk = mkdtempSync("/tmp/berth-small-disk-");
  if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_MB}m`, "tmpfs", disk]).status !== 0) throw new Error("cannot mount a tmpfs");
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = disk;
  try {
    daemon = await startDaemon();
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
  await importBase(daemon.socket, { repo: "base", tag: "1" });
  await withContainer(["true"], (id) => daemon.call("POST", `/containers/${id}/wait`));
}, 120_000);
afterAll(async () => {
  await daemon?.remove();
  if (daemon !== undefined) removeCgroupParent(daemon);
  if (disk === "") return;
  spawnSync("umount", ["-l", disk]);
  rmSync(disk, { recursive: true, force: true });
}, 120_000);

async function withContainer<T>(Cmd: readonly string[], use: (id: string) => Promise<T>): Promise<T> {
  const made = await daemon.call("POST", "/containers/create", { Image: "base:1", Cmd, HostConfig: { NetworkMode: "none", CgroupParent: cgroupParent(daemon) } });
  if (made.status !== 201) throw new Error(made.text);
  const { Id } = made.json() as { Id: string };
  try {
    expect((await daemon.call("POST", `/containers/${Id}/start`)).status).toBe(204);
    return await use(Id);
  } finally {
    await daemon.call("DELETE", `/containers/${Id}?force=1`);
  }
}

/** The engine's reserve counts as free: it is given up and taken again. */
const freeMb = (): number => {
  const { bavail, bsize } = statfsSync(disk);
  const reserve = statSync(`${daemon.dataRoot}/reserve`, { throwIfNoEntry: false })?.size ?? 0;
  return (bavail * bsize + reserve) / MIB;
};

/** Nothing is left, and the room is there again. */
async function leavesNothing(act: () => Promise<void>): Promise<void> {
  await poll("the reserve is there", () => existsSync(`${daemon.dataRoot}/reserve`));
  const before = await tracesAtRest(daemon);
  const free = freeMb();
  await act();
  let now: Traces | undefined;
  await poll("nothing is left", async () => Bun.deepEquals((now = await tracesOf(daemon)), before), 30_000).catch(() => undefined);
  expect(now).toEqual(before);
  // the database and the log may have grown a little
  await poll("the room is there again", () => freeMb() > free - 2, 30_000);
}

/** Not of zeros, which would take no room. */
const big = Buffer.alloc((DISK_MB - 4) * MIB, "bytes that take room ");
const rootfs = tarOf([{ name: "etc/" }, { name: "etc/before", content: "x" }, { name: "big", content: big }]);

function dockerArchive(): Buffer {
  const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
  const config = JSON.stringify({ architecture: "amd64", os: "linux", config: {}, rootfs: { type: "layers", diff_ids: [`sha256:${sha(rootfs)}`] } });
  const manifest = JSON.stringify([{ Config: `${sha(Buffer.from(config))}.json`, RepoTags: ["big:1"], Layers: ["layer/layer.tar"] }]);
  return tarOf([{ name: `${sha(Buffer.from(config))}.json`, content: config }, { name: "layer/layer.tar", content: rootfs }, { name: "manifest.json", content: manifest }]);
}

describe.skipIf(!isRoot)("a full disk", () => {
  test("while an archive is imported", () =>
    leavesNothing(async () => {
      const { text } = await daemon.call("POST", "/images/create?fromSrc=-&repo=big", rootfs);
      expect(text).toContain("no space left on device");
    }));

  test("while an archive is loaded", () =>
    leavesNothing(async () => {
      const { text } = await daemon.call("POST", "/images/load?quiet=1", dockerArchive());
      expect(text).toContain("no space left on device");
    }));

  test("while files are copied into a container", () =>
    leavesNothing(() =>
      withContainer(["sleep", "600"], async (id) => {
        const { status, text } = await daemon.call("PUT", `/containers/${id}/archive?path=/srv`, rootfs);
        expect(status).toBe(500);
        expect(text).toContain("no space left on device");
        expect(JSON.parse(text)).toHaveProperty("message");
      })));

  test("by a container: it, its exec and its removal go on, its log says what it said", () =>
    leavesNothing(() =>
      withContainer(["sh", "-c", "echo before; cat /dev/urandom >/srv/fill; echo after; exec sleep 600"], async (id) => {
        const logs = async (): Promise<string> => (await daemon.call("GET", `/containers/${id}/logs?stdout=1&stderr=1`)).text;
        await poll("it has found the disk full", async () => /No space left on device[\s\S]*after/.test(await logs()));
        expect(await logs()).toContain("before");
        expect((await daemon.call("GET", `/containers/${id}/json`)).json()).toMatchObject({ State: { Running: true } });
        const made = await daemon.call("POST", "/containers/create", { Image: "base:1", Cmd: ["true"] });
        // the reserve may be enough for it
        if (made.status === 201) await daemon.call("DELETE", `/containers/${(made.json() as { Id: string }).Id}`);
        else expect(made.text).toContain("no space left on device");
      })));

  test("afterwards all is as ever", () =>
    leavesNothing(() =>
      withContainer(["sh", "-c", "head -c 1000000 /dev/urandom >/srv/some; echo done"], async (id) => {
        await daemon.call("POST", `/containers/${id}/wait`);
        expect((await daemon.call("GET", `/containers/${id}/logs?stdout=1`)).text).toContain("done");
        expect((await daemon.call("POST", `/commit?container=${id}&repo=some&tag=1`)).status).toBe(201);
        expect((await daemon.call("DELETE", "/images/some:1")).status).toBe(200);
      })));
});
