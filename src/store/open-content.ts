// Content on the disk: one file per blob, named by its digest.
import { createHash } from "node:crypto";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { internal, messageOf, notFound } from "../base/errors.ts";
import type { Digest } from "../wire/oci.ts";
import type { Content } from "./content.ts";
import { holdInLease } from "./lease.ts";
import type { Writer } from "./records.ts";
import type { BlobRow } from "./rows.ts";
import type { Transaction } from "./transaction.ts";

/** Parsed blobs kept, by count. */
const CACHED = 1024;

export function openContent(directory: string, tx: Writer, transaction: Transaction): Content {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const parsed = new Map<Digest, unknown>();
  const path = (digest: Digest): string => join(directory, digest.slice("sha256:".length));

  const read = (digest: Digest): Uint8Array => {
    if (!tx.blobs.has(digest)) throw notFound(`content digest ${digest}: not found`);
    try {
      return readFileSync(path(digest));
    } catch (error) {
      throw notFound(`content digest ${digest}: ${messageOf(error)}`, {}, error);
    }
  };

  return {
    path,
    has: (digest) => tx.blobs.has(digest),
    read,
    readJson<T>(digest: Digest): T {
      const known = parsed.get(digest);
      if (known !== undefined && tx.blobs.has(digest)) return known as T;
      const value = JSON.parse(new TextDecoder().decode(read(digest))) as T;
      if (parsed.size >= CACHED) parsed.delete(parsed.keys().next().value as Digest);
      parsed.set(digest, value);
      return value;
    },
    write(bytes, mediaType, leaseId) {
      const digest: Digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
      const known = tx.blobs.find(digest);
      const row: BlobRow = known ?? { digest, sizeBytes: bytes.byteLength, mediaType };
      if (known === undefined || !existsSync(path(digest))) writeFile(path(digest), bytes);
      transaction.run(() => {
        if (known === undefined) tx.blobs.put(row);
        holdInLease(tx, leaseId, { blobs: [digest] });
      });
      return row;
    },
  };
}

/** The name appears only when all bytes are on the disk. */
function writeFile(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.tmp`;
  try {
    const file = openSync(temporary, "w", 0o600);
    try {
      for (let written = 0; written < bytes.byteLength; ) written += writeSync(file, bytes, written);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw internal(`cannot write ${path}: ${messageOf(error)}`, {}, error);
  }
}
