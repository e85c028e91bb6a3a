// Job `changes`: what a read-write layer changes of the layers below it, as `docker diff` tells it.
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
      if (stat.isCharacterDevice() && stat.rdev === 0n) {
        found.push({ Path, Kind: KIND.deleted });
        continue;
      }
      found.push({ Path, Kind: existsBelow(calls, lower, child) ? KIND.modified : KIND.added });
      if (stat.isDirectory()) walk(child);
    }
  };
  walk("");
  return found;
}

/** Whether a path is seen through the layers: whiteouts and opaque directories hide what is under them. */
function existsBelow(calls: FileCalls, lower: readonly string[], path: string): boolean {
  const parts = path.split("/").slice(1);
  for (const layer of lower) {
    const stat = statOf(layer + path);
    if (stat !== undefined) return !(stat.isCharacterDevice() && stat.rdev === 0n);
    let at = layer;
    for (const part of parts.slice(0, -1)) {
      at += `/${part}`;
      const parent = statOf(at);
      if (parent === undefined) break;
      if (!parent.isDirectory()) return false;
      if (calls.getXattr(callPath(at), "trusted.overlay.opaque")?.[0] === 0x79) return false;
    }
  }
  return false;
}
