// The layers of an image on its way in: several at once, unpacked while they arrive, each once however many pulls want it.
import { EngineError, internal, messageOf } from "../../base/errors.ts";
import type { RepositoryClient } from "../../registry/registry.ts";
import { type DiffRow, endLease, holdInLease, openLease } from "../../store/store.ts";
import type { Descriptor, DiffId } from "../../wire/oci.ts";
import type { ProgressMessage, ProgressSink } from "../../wire/progress.ts";
import { shortId } from "../../wire/reference.ts";
import type { Engine } from "../engine.ts";
import { assertDepth } from "./chain.ts";

export type LayerParts = Pick<Engine, "store" | "registry" | "clock" | "log">;

export interface LayersInput {
  client: RepositoryClient;
  descriptors: readonly Descriptor[];
  diffIds: readonly DiffId[];
  /** Keeps the layers until the image's row does. */
  leaseId: string;
  progress: ProgressSink;
  signal: AbortSignal;
}

/** One row per layer, bottom to top. */
export async function pullLayers(engine: LayerParts, input: LayersInput): Promise<DiffRow[]> {
  const { descriptors, diffIds } = input;
  if (descriptors.length !== diffIds.length) throw internal(`layers from manifest don't match image configuration`);
  assertDepth(descriptors.length, "failed to register layer: ");
  // the first that fails ends the others
  const stop = new AbortController();
  const signal = AbortSignal.any([input.signal, stop.signal]);
  const begun = new Map<string, Promise<DiffRow>>();
  const work = descriptors.map((descriptor, index) => {
    const diffId = diffIds[index] as DiffId;
    const key = `${descriptor.digest} ${diffId}`;
    const one = begun.get(key) ?? pullLayer(engine, { ...input, signal }, { descriptor, diffId });
    begun.set(key, one);
    return one;
  });
  const failed = work.map((one) => one.catch((error: unknown) => stop.abort(error)));
  try {
    return await Promise.all(work);
  } finally {
    await Promise.all(failed);
  }
}

interface Layer {
  descriptor: Descriptor;
  diffId: DiffId;
}

type News = { kind: "bytes"; current: number } | { kind: "retry"; seconds: number } | { kind: "fed" };

async function pullLayer(engine: LayerParts, { client, leaseId, progress, signal }: LayersInput, { descriptor, diffId }: Layer): Promise<DiffRow> {
  const id = shortId(descriptor.digest);
  const tell = (status: string, progressDetail: ProgressMessage["progressDetail"] = {}): void => progress({ status, progressDetail, id });
  const known = hold(engine, leaseId, diffId);
  if (known !== undefined) {
    tell("Already exists");
    return known;
  }
  tell("Pulling fs layer");
  const total = descriptor.size;
  const hear = (news: News): void => {
    if (news.kind === "bytes") tell("Downloading", { current: news.current, total });
    else if (news.kind === "retry") tell(`Retrying in ${news.seconds} second${news.seconds === 1 ? "" : "s"}`);
    else {
      tell("Verifying Checksum");
      tell("Download complete");
      tell("Extracting", { current: total, total });
    }
  };
  const row = await shared(engine, { client, signal }, { descriptor, diffId }, { onNews: hear, onWait: () => tell("Waiting") });
  if (hold(engine, leaseId, row.diffId) === undefined) throw internal(`layer ${row.diffId} went while its image was pulled`);
  tell("Pull complete");
  return row;
}

/** A transfer that another pull began may fail for reasons of its registry: then it is ours to try. */
async function shared(engine: LayerParts, pull: Pick<LayersInput, "client" | "signal">, layer: Layer, hearing: { onNews: (news: News) => void; onWait: () => void }): Promise<DiffRow> {
  for (;;) {
    let isOurs = false;
    const work = (signal: AbortSignal, news: (news: News) => void): Promise<DiffRow> => {
      isOurs = true;
      return fetchLayer(engine, pull.client, layer, { signal, news });
    };
    try {
      return await engine.registry.transfers.download<DiffRow, News>(`${layer.diffId} ${layer.descriptor.digest}`, { signal: pull.signal, ...hearing }, work);
    } catch (error) {
      if (isOurs || pull.signal.aborted) throw error;
    }
  }
}

async function fetchLayer(engine: LayerParts, client: RepositoryClient, { descriptor, diffId }: Layer, { signal, news }: { signal: AbortSignal; news: (news: News) => void }): Promise<DiffRow> {
  const { store, clock } = engine;
  // the transfer's own: it may outlive the pull that began it
  const ownLease = openLease(store, "pull of a layer", clock.nowMs());
  try {
    const source = client.blob(descriptor, { signal, onRetry: (seconds) => news({ kind: "retry", seconds }) });
    const blob = { digest: descriptor.digest, sizeBytes: descriptor.size };
    return (await store.layers.ingest(counted(source, descriptor.size, news), { leaseId: ownLease, diffId, blob, signal })).row;
  } catch (error) {
    throw isOfUnpacking(error) ? new EngineError(error.kind, `failed to register layer: ${error.message}`, { ...error.detail }, error) : error;
  } finally {
    // not before those who wait have taken hold of the layer, which they do in this turn of the loop
    setImmediate(() => endQuietly(engine, ownLease));
  }
}

/** Errors of system calls and archives have a code, those of registries a status or a word on retries. */
function isOfUnpacking(error: unknown): error is EngineError {
  return error instanceof EngineError && "code" in error.detail && !("retry" in error.detail) && !("status" in error.detail);
}

/** The store may have been closed meanwhile: then the lease runs out. */
function endQuietly({ store, log }: LayerParts, leaseId: string): void {
  try {
    endLease(store, leaseId);
  } catch (error) {
    log.debug("a lease runs out instead of being ended", { error: messageOf(error) });
  }
}

function hold({ store }: LayerParts, leaseId: string, diffId: DiffId): DiffRow | undefined {
  return store.update((tx) => {
    const row = tx.diffs.find(diffId);
    if (row !== undefined) holdInLease(tx, leaseId, { diffs: [diffId] });
    return row;
  });
}

/** Docker's clients redraw at every message: a hundred per layer are enough. */
async function* counted(source: AsyncIterable<Uint8Array>, total: number, news: (news: News) => void): AsyncGenerator<Uint8Array> {
  const step = Math.max(total / 100, 1 << 19);
  let current = 0;
  let told = -step;
  for await (const bytes of source) {
    current += bytes.length;
    if (current - told >= step) {
      told = current;
      news({ kind: "bytes", current });
    }
    yield bytes;
  }
  news({ kind: "fed" });
}
