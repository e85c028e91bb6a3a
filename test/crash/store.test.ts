// A daemon killed at any moment: every row's files are there, nothing told as done is lost, garbage goes at the next start.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { silentLog } from "../../src/base/log.ts";
import { openStore } from "../../src/store/store.ts";

const KILLS = 8;
let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "berth-crash-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Lines it told before it was killed, `steps` lines after it was ready. */
async function writeAndKill(seed: number, steps: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "store-writer.ts"), join(root, "data"), String(seed)], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    // some lines after the kill may still come: they were told before
    if (lines.length === steps + 1) child.kill("SIGKILL");
  }
  await exited;
  return lines;
}

test("killed again and again, the store stays whole and clean", async () => {
  const alive = new Set<string>();
  const doubtful = new Set<string>();
  for (let round = 0; round < KILLS; round++) {
    const lines = await writeAndKill(round, 5 + round * 11);
    expect(lines[0]).toBe("ready");
    for (const line of lines) {
      const [what, id = ""] = line.split(" ");
      if (what === "added") alive.add(id);
      if (what === "removing") {
        alive.delete(id);
        doubtful.add(id);
      }
    }
    const store = await openStore({ root: join(root, "data"), runRoot: join(root, "run"), workerCommand: ["false"] }, silentLog);
    await store.collect();
    await store.idle();
    const rows = store.view((tx) => ({ images: tx.images.list(), diffs: tx.diffs.list(), blobs: tx.blobs.list(), layers: tx.layers.list(), leases: tx.leases.size }));
    const ids = new Set<string>(rows.images.map((image) => image.id));
    expect([...alive].filter((id) => !ids.has(id))).toEqual([]);
    for (const id of doubtful) if (ids.has(id)) alive.add(id);
    // the last addition may have been done and not told
    for (const id of ids) alive.add(id);
    doubtful.clear();

    const wanted = new Set<string>(rows.images.flatMap((image) => image.chainIds));
    expect(rows.layers.map((row) => row.chainId as string).toSorted()).toEqual([...wanted].toSorted());
    expect(rows.leases).toBe(0);
    for (const row of rows.diffs) {
      const content = readFileSync(join(root, "data/layers", row.directory, "file"), "utf8");
      expect(`sha256:${createHash("sha256").update(content).digest("hex")}`).toBe(row.diffId);
    }
    for (const row of rows.blobs) {
      expect(`sha256:${createHash("sha256").update(readFileSync(store.content.path(row.digest))).digest("hex")}`).toBe(row.digest);
    }
    expect(readdirSync(join(root, "data/layers")).toSorted()).toEqual(rows.diffs.map((row) => row.directory).toSorted());
    expect(readdirSync(join(root, "data/blobs/sha256")).toSorted()).toEqual(rows.blobs.map((row) => row.digest.slice(7)).toSorted());
    expect(readdirSync(join(root, "data/trash"))).toEqual([]);
    await store.close();
  }
  expect(alive.size).toBeGreaterThan(10);
});
