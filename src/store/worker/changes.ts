// Job `changes`: what a read-write layer changes of the layers below it, as `docker diff` tells it.
import type { BigIntStats } from "node:fs";
import type { FileCalls } from "../../linux/file-calls.ts";
import type { Change } from "../layers.ts";
import { callPath } from "./byte-path.ts";
import { readNames, statOf } from "./tree-tar.ts";

const KIND = { modified: 0, added: 1, deleted: 2 } as const;

/** `lower` top to bottom. */
export function changes(calls: FileCalls, upper: string, lower: readonly string[]): Change[] {
  const found: Change[] = [];
  const walk = (path: string): void => {
    for (const name of readNames(`${upper}${path}`)) {
      const child = `${path}/${name}`;
      const stat = statOf(`${upper}${child}`);
      if (stat === undefined) continue;
      const Path = Buffer.from(child, "latin1").toString("utf8");
      if (isWhiteout(stat)) {
        found.push({ Path, Kind: KIND.deleted });
        continue;
      }
      const below = seenBelow(calls, lower, child);
      const at = found.length;
      if (stat.isDirectory()) walk(child);
      const isChanged = below === undefined || found.length > at || differ(calls, { stat, path: upper + child }, below);
      if (isChanged) found.splice(at, 0, { Path, Kind: below === undefined ? KIND.added : KIND.modified });
    }
  };
  walk("");
  return found;
}

interface Seen {
  stat: BigIntStats;
  path: string;
}

const isWhiteout = (stat: BigIntStats): boolean => stat.isCharacterDevice() && stat.rdev === 0n;

/** A file that was only opened for writing is in the upper layer too, as it was. */
function differ(calls: FileCalls, now: Seen, before: Seen): boolean {
  const [a, b] = [now.stat, before.stat];
  if (a.mode !== b.mode || a.uid !== b.uid || a.gid !== b.gid || a.rdev !== b.rdev) return true;
  // a directory's own time and size say nothing of it
  if (!a.isDirectory() && (a.mtimeNs !== b.mtimeNs || a.size !== b.size)) return true;
  const capability = ({ path }: Seen): string => Buffer.from(calls.getXattr(callPath(path), "security.capability") ?? []).toString("hex");
  return capability(now) !== capability(before);
}

/** What is seen of a path through the layers: whiteouts and opaque directories hide what is under them. */
function seenBelow(calls: FileCalls, lower: readonly string[], path: string): Seen | undefined {
  const parts = path.split("/").slice(1);
  for (const layer of lower) {
    const stat = statOf(layer + path);
    if (stat !== undefined) return isWhiteout(stat) ? undefined : { stat, path: layer + path };
    let at = layer;
    for (const part of parts.slice(0, -1)) {
      at += `/${part}`;
      const parent = statOf(at);
      if (parent === undefined) break;
      if (!parent.isDirectory()) return undefined;
      if (calls.getXattr(callPath(at), "trusted.overlay.opaque")?.[0] === 0x79) return undefined;
    }
  }
  return undefined;
}
