// The layers of an image on their way out: found there, mounted from a neighbour, fetched from where they came, or compressed anew.
import { EngineError } from "../../base/errors.ts";
import type { RepositoryClient } from "../../registry/registry.ts";
import type { DiffRow } from "../../store/store.ts";
import { type Descriptor, MEDIA } from "../../wire/oci.ts";
import type { ProgressMessage, ProgressSink } from "../../wire/progress.ts";
import { familiarRepository, shortId } from "../../wire/reference.ts";
import type { Engine } from "../engine.ts";

export type PushLayerParts = Pick<Engine, "store" | "registry" | "log">;

export interface PushLayersInput {
  client: RepositoryClient;
  /** Bottom to top. */
  diffs: readonly DiffRow[];
  /** As the image's manifest has them: these very blobs are wanted, if they can be had. */
  wanted: readonly Descriptor[] | undefined;
  progress: ProgressSink;
  signal: AbortSignal;
}

/** What the registry has now, one per layer. */
export async function pushLayers(engine: PushLayerParts, input: PushLayersInput): Promise<Descriptor[]> {
  const stop = new AbortController();
  const signal = AbortSignal.any([input.signal, stop.signal]);
  const once = new Map<string, Promise<Descriptor>>();
  // clients show the top layer first
  for (const diff of input.diffs.toReversed()) input.progress({ status: "Preparing", progressDetail: {}, id: shortId(diff.diffId) });
  const work = input.diffs.map((diff, index) => {
    const running = once.get(diff.diffId) ?? pushLayer(engine, { ...input, signal }, diff, input.wanted?.[index]);
    once.set(diff.diffId, running);
    return running;
  });
  const failed = work.map((one) => one.catch((error: unknown) => stop.abort(error)));
  try {
    return await Promise.all(work);
  } catch (error) {
    throw withoutRequest(error);
  } finally {
    await Promise.all(failed);
  }
}

/** Docker leaves out the request that a layer failed in, unless there was no registry to begin with. */
function withoutRequest(error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  const message = error.message.replace(/^(Head|Get|Post|Patch|Put) "https?:\/\/[^/"]+\/v2\/[^"]+": /, "");
  return new EngineError(error.kind, message, { ...error.detail }, error.cause);
}

async function pushLayer(engine: PushLayerParts, { client, progress, signal }: PushLayersInput, diff: DiffRow, wanted: Descriptor | undefined): Promise<Descriptor> {
  const id = shortId(diff.diffId);
  const tell = (status: string, progressDetail: ProgressMessage["progressDetail"] = {}): void => progress({ status, progressDetail, id });
  return engine.registry.transfers.upload(signal, { onWait: () => tell("Waiting") }, async () => {
    const candidates = candidatesOf(diff, wanted, `${client.registry}/${client.path}`);
    for (const { descriptor } of candidates) {
      if (!(await client.hasBlob(descriptor.digest, signal))) continue;
      tell("Layer already exists");
      return descriptor;
    }
    for (const { descriptor, repository } of candidates) {
      const from = repository.startsWith(`${client.registry}/`) ? repository.slice(client.registry.length + 1) : undefined;
      if (from === undefined || from === client.path || !(await client.mountBlob(descriptor.digest, from, signal))) continue;
      tell(`Mounted from ${familiarRepository(repository).replace(`${client.registry}/`, "")}`);
      return descriptor;
    }
    const onProgress = meter(diff.sizeBytes, (current, total) => tell("Pushing", { current, total }));
    const onRetry = (seconds: number): void => tell(`Retrying in ${seconds} second${seconds === 1 ? "" : "s"}`);
    const sending = { diff, signal, onProgress, onRetry };
    const sent = (wanted === undefined ? undefined : await fetchAcross(engine, client, { ...sending, wanted })) ?? (await compress(engine, client, sending));
    tell("Pushed");
    return sent;
  });
}

/** Known compressed forms, the wanted one first, then those of the same repository. */
function candidatesOf(diff: DiffRow, wanted: Descriptor | undefined, target: string): { descriptor: Descriptor; repository: string }[] {
  const rank = ({ digest, repository }: DiffRow["sources"][number]): number => (digest === wanted?.digest ? 0 : 2) + (repository === target ? 0 : 1);
  const known = diff.sources.toSorted((a, b) => rank(a) - rank(b)).map((source) => ({ descriptor: { mediaType: source.mediaType, size: source.sizeBytes, digest: source.digest }, repository: source.repository }));
  if (wanted === undefined) return known;
  const asWanted = known.filter(({ descriptor }) => descriptor.digest === wanted.digest).map((each) => ({ ...each, descriptor: wanted }));
  return asWanted.length > 0 ? asWanted : [{ descriptor: wanted, repository: target }];
}

interface Sending {
  diff: DiffRow;
  signal: AbortSignal;
  onProgress: (bytes: number) => void;
  onRetry: (inSeconds: number) => void;
}

/** The very blob, straight from the registry that it came from: so an image keeps its manifest's digest. Nothing if it cannot be had any more. */
async function fetchAcross({ registry, log }: PushLayerParts, client: RepositoryClient, { diff, wanted, signal, ...hear }: Sending & { wanted: Descriptor }): Promise<Descriptor | undefined> {
  for (const { digest, repository } of diff.sources) {
    if (digest !== wanted.digest || repository.startsWith(`${client.registry}/`)) continue;
    const source = registry.repository(repository, undefined, "pull");
    let isLost = true;
    const open = async function* (): AsyncGenerator<Uint8Array> {
      try {
        yield* source.blob(wanted, { signal });
      } catch (error) {
        isLost = true;
        throw error;
      }
    };
    try {
      if (!(await source.hasBlob(digest, signal))) continue;
      // from here on a failure is that of the other side, if the source does not say otherwise
      isLost = false;
      await client.pushBlob({ digest, size: wanted.size }, open, { signal, ...hear });
      return wanted;
    } catch (error) {
      signal.throwIfAborted();
      if (!isLost) throw error;
      log.info("a layer's compressed form cannot be fetched again: it is compressed anew", { digest, repository, error: String(error) });
    }
  }
  return undefined;
}

async function compress({ store }: PushLayerParts, client: RepositoryClient, { diff, signal, onProgress, onRetry }: Sending): Promise<Descriptor> {
  const open = async function* (): AsyncGenerator<Uint8Array> {
    let tarBytes = 0;
    for await (const member of store.layers.gzip(diff.diffId, signal)) {
      yield member;
      // how far it is with the layer: a gzip member ends with the length of what is in it
      tarBytes += new DataView(member.buffer, member.byteOffset).getUint32(member.length - 4, true);
      onProgress(tarBytes);
    }
  };
  const { digest, size } = await client.pushBlob({}, open, { signal, onRetry });
  return { mediaType: MEDIA.dockerLayerGzip, size, digest };
}

function meter(total: number, report: (current: number, total: number) => void): (bytes: number) => void {
  const step = Math.max(total / 100, 1 << 19);
  let told = 0;
  return (current) => {
    if (current < told + step) return;
    told = current;
    report(Math.min(current, total), total);
  };
}
