// Job `usage`: bytes below a directory: apparent (hard links once) and on the disk.
import type { UsageResult } from "./jobs.ts";
import { readNames, statOf } from "./tree-tar.ts";

export function usage(path: string): UsageResult {
  const seen = new Set<string>();
  const sum: UsageResult = { sizeBytes: 0, diskBytes: 0 };
  const walk = (at: string): void => {
    const stat = statOf(at);
    if (stat === undefined) return;
    const key = `${stat.dev}:${stat.ino}`;
    if (!stat.isDirectory() && stat.nlink > 1n) {
      if (seen.has(key)) return;
      seen.add(key);
    }
    sum.diskBytes += Number(stat.blocks) * 512;
    if (!stat.isDirectory()) sum.sizeBytes += Number(stat.size);
    else for (const name of readNames(at)) walk(`${at}/${name}`);
  };
  walk(path);
  return sum;
}
