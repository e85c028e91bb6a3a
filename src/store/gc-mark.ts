// What everything alive reaches: images, containers and leases keep chains, diffs and blobs. Pure.
import type { ChainId, DiffId, Digest } from "../wire/oci.ts";
import type { Reader } from "./records.ts";
import type { LeaseRow } from "./rows.ts";

export interface Marked {
  chains: ReadonlySet<ChainId>;
  diffs: ReadonlySet<DiffId>;
  blobs: ReadonlySet<Digest>;
}

export function mark(tx: Pick<Reader, "images" | "containers" | "layers">, leases: readonly Pick<LeaseRow, "chains" | "diffs" | "blobs">[]): Marked {
  const chains = new Set<ChainId>();
  const diffs = new Set<DiffId>(leases.flatMap((lease) => lease.diffs));
  const blobs = new Set<Digest>(leases.flatMap((lease) => lease.blobs));
  const markChain = (top: ChainId): void => {
    for (let chainId: ChainId | undefined = top; chainId !== undefined && !chains.has(chainId); ) {
      chains.add(chainId);
      const row: { diffId: DiffId; parent?: ChainId } | undefined = tx.layers.find(chainId);
      if (row !== undefined) diffs.add(row.diffId);
      chainId = row?.parent;
    }
  };
  for (const image of tx.images.list()) {
    blobs.add(image.id);
    for (const manifest of image.manifests) blobs.add(manifest.digest);
    for (const chainId of image.chainIds) markChain(chainId);
  }
  for (const container of tx.containers.list()) if (container.chainId !== undefined) markChain(container.chainId);
  for (const lease of leases) lease.chains.forEach(markChain);
  return { chains, diffs, blobs };
}
