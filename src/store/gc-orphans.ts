// At the start, before anything is in flight: files that no row knows (a crash between writing bytes and the row, or between
// the row's end and the bytes') go; rows whose files are missing are forgotten.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Reader, Writer } from "./records.ts";

export interface OrphanRooms {
  root: string;
  blobs: string;
  discard(path: string): void;
  log: Log;
}

/** Returns the paths it discarded. Volumes are a person's data and never touched. */
export function discardOrphans(tx: Reader, rooms: OrphanRooms): string[] {
  const containers = tx.containers.list();
  const discarded: string[] = [];
  const clear = (directory: string, known: ReadonlySet<string>): void => {
    for (const name of entries(directory)) {
      if (known.has(stem(name))) continue;
      const path = join(directory, name);
      try {
        rooms.discard(path);
        discarded.push(path);
      } catch (error) {
        rooms.log.warn("cannot discard what nothing knows", { path, error: messageOf(error) });
      }
    }
  };
  clear(join(rooms.root, "layers"), new Set(tx.diffs.list().map((row) => row.directory)));
  clear(join(rooms.root, "rw"), new Set(containers.map((row) => row.directory)));
  clear(join(rooms.root, "containers"), new Set(containers.map((row) => row.id)));
  clear(rooms.blobs, new Set(tx.blobs.list().map((row) => row.digest.slice("sha256:".length))));
  if (discarded.length > 0) rooms.log.info("discarded what nothing knows", { count: discarded.length });
  return discarded;
}

/**
 * Rows of layers and blobs whose files are gone (a power cut, a person's hand) are forgotten, so that pulling the image again
 * brings them back. Images and containers that need them stay and fail until then.
 */
export function forgetMissing(tx: Writer, rooms: { layers: string; blobs: string; log: Log }): void {
  const layers = new Set(entries(rooms.layers));
  const blobs = new Set(entries(rooms.blobs));
  for (const row of tx.diffs.list()) {
    if (layers.has(row.directory)) continue;
    rooms.log.error("a layer's files are missing: pull its image again", { layer: row.diffId });
    tx.diffs.remove(row.diffId);
  }
  for (const row of tx.blobs.list()) {
    if (blobs.has(row.digest.slice("sha256:".length))) continue;
    rooms.log.error("a blob's file is missing: pull its image again", { blob: row.digest });
    tx.blobs.remove(row.digest);
  }
}

/** Entries of one owner share the name up to the first dot, e.g. a layer's directory and its recipe; temporary files have none. */
function stem(name: string): string {
  return name.endsWith(".tmp") ? name : (name.split(".", 1)[0] ?? name);
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
