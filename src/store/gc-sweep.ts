// Removes the rows that were not marked; says which files are to go.
import { mark } from "./gc-mark.ts";
import { bytesOf, type Released } from "./release.ts";
import type { Writer } from "./records.ts";

export function sweep(tx: Writer, nowMs: number): Released {
  for (const lease of tx.leases.list()) if (lease.expiresMs <= nowMs) tx.leases.remove(lease.id);
  const marked = mark(tx, tx.leases.list());
  const chains = tx.layers.list().filter((row) => !marked.chains.has(row.chainId)).toReversed();
  const diffs = tx.diffs.list().filter((row) => !marked.diffs.has(row.diffId));
  const blobs = tx.blobs.list().filter((row) => !marked.blobs.has(row.digest));
  for (const row of chains) tx.layers.remove(row.chainId);
  for (const row of diffs) tx.diffs.remove(row.diffId);
  for (const row of blobs) tx.blobs.remove(row.digest);
  return {
    diffs,
    blobs,
    collected: { chains: chains.map((row) => row.chainId), diffs: diffs.map((row) => row.diffId), blobs: blobs.map((row) => row.digest), freedBytes: bytesOf(diffs, blobs) },
  };
}
