// Chain IDs: a layer together with all below it. Source: OCI image-spec, config.md.
import { createHash } from "node:crypto";
import { internal } from "../../base/errors.ts";
import type { ChainId, DiffId } from "../../wire/oci.ts";

/** As many as other engines take, and as a mount's options have room for wherever the data is. */
const MAX_LAYERS = 125;

/** Refused before its layers are fetched or made: it could not be run. */
export function assertDepth(layerCount: number, about = ""): void {
  if (layerCount > MAX_LAYERS) throw internal(`${about}max depth exceeded`);
}

/** Bottom to top, one per layer. */
export function chainIdsOf(diffIds: readonly DiffId[]): ChainId[] {
  const chains: ChainId[] = [];
  for (const diffId of diffIds) {
    const below = chains.at(-1);
    chains.push(below === undefined ? diffId : `sha256:${createHash("sha256").update(`${below} ${diffId}`).digest("hex")}`);
  }
  return chains;
}
