// Chain IDs: a layer together with all below it. Source: OCI image-spec, config.md.
import { createHash } from "node:crypto";
import type { ChainId, DiffId } from "../../wire/oci.ts";

/** Bottom to top, one per layer. */
export function chainIdsOf(diffIds: readonly DiffId[]): ChainId[] {
  const chains: ChainId[] = [];
  for (const diffId of diffIds) {
    const below = chains.at(-1);
    chains.push(below === undefined ? diffId : `sha256:${createHash("sha256").update(`${below} ${diffId}`).digest("hex")}`);
  }
  return chains;
}
