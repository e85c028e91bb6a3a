// Job `unpack`: the job's stream, compressed or not, into <directory>/diff, with the recipe beside it.
import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import type { FileCalls } from "../../linux/file-calls.ts";
import { TarReader } from "../../wire/tar/tar-reader.ts";
import { decompress, type Compression } from "../../linux/decompress.ts";
import { BAD_ARCHIVE, jobErrorOf, otherBytes } from "./job-error.ts";
import type { UnpackResult } from "./jobs.ts";
import { RecipeWriter } from "./recipe.ts";
import { Unpacker } from "./unpack.ts";

export interface UnpackLayer {
  calls: FileCalls;
  confine: (root: string) => void;
  directory: string;
  blobDigest?: string;
}

export async function unpackLayer({ calls, confine, directory, blobDigest: wanted }: UnpackLayer, source: AsyncIterable<Uint8Array>): Promise<UnpackResult> {
  mkdirSync(`${directory}/diff`, { mode: 0o755 });
  mkdirSync(`${directory}/extra`, { mode: 0o700 });
  const recipe = new RecipeWriter(openSync(`${directory}/recipe`, "wx", 0o600));
  const extraFd = openSync(`${directory}/extra`, "r");
  const overridesFd = openSync(`${directory}/overrides`, "wx", 0o600);
  try {
    const unpacker = new Unpacker(calls, recipe, { whiteouts: true, extraFd, base: "" });
    const reader = new TarReader(unpacker);
    const blob = createHash("sha256");
    const tar = createHash("sha256");
    const count = { blobBytes: 0, tarBytes: 0, compression: "none" as Compression };
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const bytes of source) {
        blob.update(bytes);
        count.blobBytes += bytes.length;
        yield bytes;
      }
    };
    const opened = (compression: Compression): void => {
      count.compression = compression;
      confine(`${directory}/diff`);
    };
    const input = counted();
    try {
      for await (const bytes of decompress(unending(input), opened)) {
        if (count.compression !== "none") tar.update(bytes);
        count.tarBytes += bytes.length;
        reader.push(bytes);
      }
      reader.end();
      unpacker.finish();
    } catch (error) {
      if (wanted === undefined || jobErrorOf(error).code !== BAD_ARCHIVE) throw error;
      while ((await input.next()).done !== true);
      if (`sha256:${blob.digest("hex")}` !== wanted) throw otherBytes(wanted);
      throw error;
    }
    recipe.finish();
    writeFileSync(overridesFd, JSON.stringify([...unpacker.overrides]));
    const blobDigest = `sha256:${blob.digest("hex")}`;
    return {
      ...count,
      blobDigest,
      diffId: count.compression === "none" ? blobDigest : `sha256:${tar.digest("hex")}`,
      sizeBytes: unpacker.sizeBytes,
      entries: unpacker.entries,
    };
  } finally {
    closeSync(extraFd);
    closeSync(overridesFd);
  }
}

/** Whoever leaves off in the middle leaves the rest to others. */
function unending(source: AsyncGenerator<Uint8Array>): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => ({ next: () => source.next() }) };
}
