import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spreadDirectories } from "./spread-directories.ts";

const isRoot = process.getuid?.() === 0;

test.skipIf(!isRoot)("ext4 is told; other file systems and what is in the directory stay as they are", () => {
  const directory = mkdtempSync(join(tmpdir(), "berth-spread-"));
  try {
    mkdirSync(join(directory, "inside"));
    const isExt4 = spawnSync("stat", ["-f", "-c", "%T", directory], { encoding: "utf8" }).stdout.startsWith("ext");
    expect(spreadDirectories(directory)).toBe(isExt4);
    // asking again changes nothing
    expect(spreadDirectories(directory)).toBe(isExt4);
    const flags = (path: string): string => spawnSync("lsattr", ["-d", path], { encoding: "utf8" }).stdout.split(" ")[0] ?? "";
    if (isExt4) {
      expect(flags(directory)).toContain("T");
      expect(flags(join(directory, "inside"))).not.toContain("T");
    }
    expect(spreadDirectories("/proc/self")).toBe(false);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
