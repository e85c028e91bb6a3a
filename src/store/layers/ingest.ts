// A layer comes in: unpacked by a worker into a directory of its own, checked, renamed to its place, written down.
import { randomBytes } from "node:crypto";
import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { EngineError, invalid } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import type { DiffId, Digest } from "../../wire/oci.ts";
import type { IngestedLayer, LayerIngest } from "../layers.ts";
import type { Reader, Writer } from "../records.ts";
import type { DiffRow } from "../rows.ts";
import type { UnpackResult, UsageResult } from "../worker/jobs.ts";
import type { WorkerPool } from "./worker-pool.ts";

export interface IngestParts {
  layersDirectory: string;
  pool: WorkerPool;
  view<T>(read: (tx: Reader) => T): T;
  update<T>(write: (tx: Writer) => T extends Promise<unknown> ? never : T): T;
  discard(path: string): void;
}

/** Overlay options name layers, so their directories have short names. */
export function newDirectoryName(): string {
  return randomBytes(6).toString("base64url").replace(/^[-_]/, "x");
}

export async function ingestLayer(parts: IngestParts, source: AsyncIterable<Uint8Array>, options: LayerIngest): Promise<IngestedLayer> {
  const directory = `tmp-${newDirectoryName()}`;
  const path = join(parts.layersDirectory, directory);
  mkdirSync(path, { mode: 0o711 });
  try {
    const result = await parts.pool.run<UnpackResult>({ job: "unpack", directory: path, ...(options.blob === undefined ? {} : { blobDigest: options.blob.digest }) }, { input: counted(source, options), signal: options.signal });
    check(result, options);
    failpoint("image:after-unpack");
    const { diskBytes } = await parts.pool.run<UsageResult>({ job: "usage", path });
    const kept = keep(parts, path, { ...result, diskBytes }, options);
    failpoint("image:after-layer");
    return kept;
  } catch (error) {
    parts.discard(path);
    throw error;
  }
}

async function* counted(source: AsyncIterable<Uint8Array>, { onProgress }: LayerIngest): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of source) {
    yield piece;
    bytes += piece.length;
    onProgress?.(bytes);
  }
}

function check(result: UnpackResult, { diffId, blob }: LayerIngest): void {
  if (blob !== undefined && result.blobBytes !== blob.sizeBytes) throw invalid(`failed size validation: ${result.blobBytes} != ${blob.sizeBytes}: failed precondition`);
  if (blob !== undefined && result.blobDigest !== blob.digest) throw invalid(`filesystem layer verification failed for digest ${blob.digest}`);
  if (diffId !== undefined && result.diffId !== diffId) throw invalid(`layers from manifest don't match image configuration`, { expected: diffId, got: result.diffId });
}

function keep(parts: IngestParts, path: string, result: UnpackResult & Pick<UsageResult, "diskBytes">, { leaseId }: LayerIngest): IngestedLayer {
  const diffId = result.diffId as DiffId;
  const blob = { digest: result.blobDigest as Digest, sizeBytes: result.blobBytes };
  const name = newDirectoryName();
  return parts.update((tx): IngestedLayer => {
    const lease = tx.leases.find(leaseId);
    if (lease === undefined) throw new EngineError("internal", `lease ${leaseId} has ended`);
    tx.leases.put({ ...lease, diffs: [...new Set([...lease.diffs, diffId])] });
    const known = tx.diffs.find(diffId);
    if (known !== undefined) {
      tx.afterCommit(() => parts.discard(path));
      return { row: known, blob, compression: result.compression, existed: true };
    }
    const row: DiffRow = {
      diffId,
      directory: name,
      sizeBytes: result.sizeBytes,
      diskBytes: result.diskBytes,
      tarBytes: result.tarBytes,
      entries: result.entries,
      sources: [],
    };
    // bytes, then the row: should the row fail, the directory is one that nobody knows, which the next start sweeps
    renameSync(path, join(parts.layersDirectory, name));
    tx.diffs.put(row);
    return { row, blob, compression: result.compression, existed: false };
  });
}
