// Writes down an image: config blob, chain rows and image row in one transaction.
import { internal } from "../../base/errors.ts";
import type { Actor, BlobRow, DiffRow, ImageRow, Writer } from "../../store/store.ts";
import type { Digest, ImageConfig, ImageId } from "../../wire/oci.ts";
import { assertDepth, chainIdsOf } from "./chain.ts";

export interface RecordInput {
  /** Blob of the config, already in content under a lease; its digest is the image's ID. */
  config: BlobRow;
  parsed: ImageConfig;
  /** Must be in the store (under a lease), one per rootfs.diff_ids, bottom to top. */
  diffs: readonly DiffRow[];
  parent?: ImageId;
  manifest?: { digest: Digest; mediaType: string; sizeBytes: number; repository?: string };
  how: ImageRow["origin"]["how"];
  from?: string;
  actor: Actor;
  nowMs: number;
}

/** An image that is known already keeps its row; a manifest that is new is added to it. */
export function recordImage(tx: Writer, input: RecordInput): ImageRow {
  const known = tx.images.find(input.config.digest);
  const row = known === undefined ? newRow(input) : { ...known };
  if (input.manifest !== undefined) row.manifests = [...row.manifests.filter(({ digest }) => digest !== input.manifest?.digest), input.manifest];
  putChains(tx, input.diffs, row);
  tx.images.put(row);
  return row;
}

function newRow({ config, parsed, diffs, parent, how, from, actor, nowMs }: RecordInput): ImageRow {
  assertDepth(diffs.length);
  const diffIds = diffs.map((diff) => diff.diffId);
  const created = parsed.created ?? "";
  return {
    id: config.digest,
    created,
    createdMs: created === "" ? 0 : Date.parse(created) || 0,
    os: parsed.os,
    architecture: parsed.architecture,
    ...(parsed.variant === undefined ? {} : { variant: parsed.variant }),
    ...(parent === undefined ? {} : { parent }),
    chainIds: chainIdsOf(diffIds),
    diffIds,
    labels: parsed.config?.Labels ?? {},
    sizeBytes: diffs.reduce((sum, diff) => sum + diff.sizeBytes, 0),
    configSizeBytes: config.sizeBytes,
    manifests: [],
    origin: { how, atMs: nowMs, by: actor, ...(from === undefined ? {} : { from }) },
    lastTaggedMs: 0,
    useCount: 0,
  };
}

function putChains(tx: Writer, diffs: readonly DiffRow[], { chainIds }: ImageRow): void {
  for (const [index, chainId] of chainIds.entries()) {
    const diff = diffs[index];
    if (diff === undefined || tx.diffs.find(diff.diffId) === undefined) throw internal(`layer ${diff?.diffId ?? index} went while its image was written down`);
    if (tx.layers.has(chainId)) continue;
    const parent = chainIds[index - 1];
    tx.layers.put({ chainId, diffId: diff.diffId, sizeBytes: diff.sizeBytes, ...(parent === undefined ? {} : { parent }) });
  }
}
