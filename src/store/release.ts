// Letting go of named parts: rows of candidates that nothing else reaches are removed. Costs as much as what goes,
// not as what stays; gc.ts does the same for everything at once.
import type { ChainId, DiffId, Digest } from "../wire/oci.ts";
import type { Collected, Holds, Writer } from "./records.ts";
import type { BlobRow, DiffRow } from "./rows.ts";

export interface Released {
  collected: Collected;
  /** Rows whose files are to go. */
  diffs: readonly DiffRow[];
  blobs: readonly BlobRow[];
}

type Tables = Pick<Writer, "images" | "containers" | "layers" | "diffs" | "blobs" | "leases">;

export function release(tx: Tables, candidates: Holds): Released {
  const chains: ChainId[] = [];
  const loose = new Set<DiffId>(candidates.diffs);
  for (const top of candidates.chains ?? []) releaseChain(tx, top, chains, loose);
  const diffs: DiffRow[] = [];
  for (const diffId of loose) {
    const row = tx.diffs.find(diffId);
    if (row === undefined || tx.layers.any("diff", diffId) || tx.leases.any("diff", diffId)) continue;
    tx.diffs.remove(diffId);
    diffs.push(row);
  }
  const blobs: BlobRow[] = [];
  for (const digest of candidates.blobs ?? []) {
    const row = tx.blobs.find(digest);
    if (row === undefined || isBlobHeld(tx, digest)) continue;
    tx.blobs.remove(digest);
    blobs.push(row);
  }
  return { diffs, blobs, collected: { chains, diffs: diffs.map((row) => row.diffId), blobs: blobs.map((row) => row.digest), freedBytes: bytesOf(diffs, blobs) } };
}

export function isChainHeld(tx: Pick<Tables, "images" | "containers" | "layers" | "leases">, chainId: ChainId): boolean {
  return tx.images.any("chain", chainId) || tx.layers.any("parent", chainId) || tx.containers.any("chain", chainId) || tx.leases.any("chain", chainId);
}

export function isBlobHeld(tx: Pick<Tables, "images" | "leases">, digest: Digest): boolean {
  return tx.images.has(digest) || tx.images.any("manifest", digest) || tx.leases.any("blob", digest);
}

export function bytesOf(diffs: readonly DiffRow[], blobs: readonly BlobRow[]): number {
  return diffs.reduce((sum, row) => sum + row.diskBytes, 0) + blobs.reduce((sum, row) => sum + blobDiskBytes(row), 0);
}

/** A file takes whole blocks. */
const BLOCK = 4096;

export function blobDiskBytes({ sizeBytes }: Pick<BlobRow, "sizeBytes">): number {
  return Math.ceil(sizeBytes / BLOCK) * BLOCK;
}

function releaseChain(tx: Tables, top: ChainId, chains: ChainId[], loose: Set<DiffId>): void {
  for (let chainId: ChainId | undefined = top; chainId !== undefined; ) {
    const row: { diffId: DiffId; parent?: ChainId } | undefined = tx.layers.find(chainId);
    if (row === undefined || isChainHeld(tx, chainId)) return;
    tx.layers.remove(chainId);
    chains.push(chainId);
    loose.add(row.diffId);
    chainId = row.parent;
  }
}
