// POST /images/{name}/push: one tag of a repository, or all of them.
import { internal, notFound } from "../../base/errors.ts";
import type { AuthConfig, RepositoryClient } from "../../registry/registry.ts";
import { type Actor, type DiffRow, endLease, holdInLease, type ImageRow, openLease, type Reader, type RefRow, type Writer } from "../../store/store.ts";
import { type Descriptor, type Digest, type Manifest, MEDIA } from "../../wire/oci.ts";
import type { ProgressSink } from "../../wire/progress.ts";
import { canonicalName, familiarName, familiarRepository, parseReference, type Reference } from "../../wire/reference.ts";
import type { Engine } from "../engine.ts";
import { newManifest } from "./new-manifest.ts";
import { assertPlatform, parsePlatform } from "./platform.ts";
import { pushLayers } from "./push-layers.ts";
import { setReference } from "./tag.ts";

export interface PushRequest {
  name: string;
  /** Without one, every tag of the repository. */
  tag?: string;
  platform?: string;
  auth?: AuthConfig;
  actor: Actor;
}

export type PushParts = Pick<Engine, "store" | "registry" | "events" | "clock" | "config" | "log">;

interface Push {
  engine: PushParts;
  request: PushRequest;
  client: RepositoryClient;
  repository: string;
  progress: ProgressSink;
  signal: AbortSignal;
}

export async function pushImage(engine: PushParts, request: PushRequest, progress: ProgressSink, signal: AbortSignal): Promise<void> {
  const reference = referenceOf(request);
  const { repository } = reference;
  if (request.platform) engine.store.view((tx) => assertPlatforms(tx, reference, request.platform));
  progress({ status: `The push refers to repository [${repository}]` });
  const refs = engine.store.view((tx) => refsToPush(tx, reference));
  const push: Push = { engine, request, client: engine.registry.repository(repository, request.auth, "push,pull"), repository, progress, signal };
  // a registry that is not there is told before anything is said of layers
  await push.client.reach(signal);
  for (const ref of refs) await pushOne(push, ref);
  const shown = familiarName(canonicalName(reference));
  engine.store.update((tx) => {
    const labels = tx.images.find(refs[0]?.imageId ?? "sha256:")?.labels;
    engine.events.add(tx, { type: "image", action: "push", actorId: shown, attributes: { ...labels, name: familiarRepository(repository) }, by: request.actor });
  });
}

function referenceOf({ name, tag = "" }: PushRequest): Reference {
  const reference = parseReference(name);
  if (reference.digest !== undefined) throw internal("cannot push a digest reference");
  return tag === "" ? reference : { ...reference, tag };
}

function refsToPush(tx: Reader, reference: Reference): RefRow[] {
  const all = tx.refs.by("repository", reference.repository).filter((ref) => ref.tag !== undefined);
  if (all.length === 0) throw notFound(`An image does not exist locally with the tag: ${familiarRepository(reference.repository)}`);
  if (reference.tag === undefined) return all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const ref = all.find(({ tag }) => tag === reference.tag);
  if (ref === undefined) throw notFound(`tag does not exist: ${familiarName(canonicalName(reference))}`);
  return [ref];
}

/** Refused before the first message, as Docker does. */
function assertPlatforms(tx: Reader, reference: Reference, platform: string | undefined): void {
  const wanted = parsePlatform(platform ?? "");
  for (const ref of tx.refs.by("repository", reference.repository)) {
    const image = ref.tag === undefined || (reference.tag !== undefined && ref.tag !== reference.tag) ? undefined : tx.images.find(ref.imageId);
    if (image !== undefined) assertPlatform(image, familiarName(ref.name), wanted);
  }
}

async function pushOne(push: Push, ref: RefRow): Promise<void> {
  const { engine, client, progress, signal } = push;
  const { store } = engine;
  const leaseId = openLease(store, "push", engine.clock.nowMs());
  try {
    const { image, diffs } = store.update((tx) => held(tx, leaseId, ref));
    const known = knownManifest(push, image);
    const layers = await pushLayers(engine, { client, diffs, wanted: known?.manifest.layers, progress, signal });
    const config = known?.manifest.config ?? { mediaType: MEDIA.dockerConfig, size: image.configSizeBytes, digest: image.id };
    if (!(await client.hasBlob(image.id, signal))) {
      const bytes = store.content.read(image.id);
      await client.pushBlob({ digest: image.id, size: bytes.length }, () => once(bytes), { signal });
    }
    const isSame = known !== undefined && known.manifest.layers.every(({ digest }, index) => digest === layers[index]?.digest);
    const document = isSame ? known : newManifest(config, layers);
    const tag = ref.tag ?? "latest";
    const digest = await client.pushManifest(tag, document.bytes, document.mediaType, signal);
    store.content.write(document.bytes, document.mediaType, leaseId);
    store.update((tx) => remember(tx, push, { image, diffs, layers, digest, mediaType: document.mediaType, sizeBytes: document.bytes.length }));
    progress({ status: `${tag}: digest: ${digest} size: ${document.bytes.length}` });
    progress({ progressDetail: {}, aux: { Tag: tag, Digest: digest, Size: document.bytes.length } });
  } finally {
    endLease(store, leaseId);
  }
}

/** The image and its layers stay until the push is over, whatever is removed meanwhile. */
function held(tx: Writer, leaseId: string, ref: RefRow): { image: ImageRow; diffs: DiffRow[] } {
  const image = tx.images.find(ref.imageId);
  if (image === undefined) throw notFound(`No such image: ${familiarName(ref.name)}`);
  const diffs = image.diffIds.map((diffId) => {
    const row = tx.diffs.find(diffId);
    if (row === undefined) throw internal(`layer ${diffId} of ${image.id} is missing`);
    return row;
  });
  holdInLease(tx, leaseId, { images: [image.id], diffs: image.diffIds, blobs: [image.id, ...image.manifests.map(({ digest }) => digest)] });
  return { image, diffs };
}

interface Document {
  bytes: Uint8Array;
  mediaType: string;
}

/** The manifest it came with, the one of this repository first. */
function knownManifest({ engine: { store }, repository }: Push, image: ImageRow): (Document & { manifest: Manifest }) | undefined {
  const known = image.manifests.filter(({ digest }) => store.content.has(digest));
  const chosen = known.findLast((each) => each.repository === repository) ?? known.at(-1);
  if (chosen === undefined) return undefined;
  const bytes = store.content.read(chosen.digest);
  const manifest = JSON.parse(Buffer.from(bytes).toString("utf8")) as Manifest;
  return manifest.layers.length === image.diffIds.length ? { bytes, mediaType: chosen.mediaType, manifest } : undefined;
}

interface Pushed {
  image: ImageRow;
  diffs: readonly DiffRow[];
  layers: readonly Descriptor[];
  digest: Digest;
  mediaType: string;
  sizeBytes: number;
}

/** The repository's digest becomes a name of the image, as after a pull; layers know where they are. */
function remember(tx: Writer, { engine, repository, request }: Push, { image, diffs, layers, digest, mediaType, sizeBytes }: Pushed): void {
  for (const [index, { diffId }] of diffs.entries()) {
    const [row, layer] = [tx.diffs.find(diffId), layers[index]];
    if (row === undefined || layer === undefined || row.sources.some((source) => source.digest === layer.digest && source.repository === repository)) continue;
    tx.diffs.put({ ...row, sources: [...row.sources, { digest: layer.digest, mediaType: layer.mediaType, sizeBytes: layer.size, repository }] });
  }
  const row = tx.images.find(image.id);
  // removed meanwhile: there is nothing to remember
  if (row === undefined) return;
  tx.images.put({ ...row, manifests: [...row.manifests.filter((each) => each.digest !== digest), { digest, mediaType, sizeBytes, repository }] });
  setReference(tx, engine.events, { name: `${repository}@${digest}`, imageId: image.id, nowMs: engine.clock.nowMs(), by: request.actor, announce: false });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
