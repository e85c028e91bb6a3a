// docker save: images as one tar that is an OCI layout and a Docker archive at once, each layer in it once.
import { createHash } from "node:crypto";
import { kindOf, notFound } from "../../base/errors.ts";
import { type DiffRow, endLease, holdInLease, type ImageRow, openLease, type Reader, type RefRow } from "../../store/store.ts";
import { type Descriptor, type ImageId, type Manifest, MEDIA } from "../../wire/oci.ts";
import { familiarName, familiarRepository, parseReference } from "../../wire/reference.ts";
import { padding, writeTarEntry } from "../../wire/tar/tar-header.ts";
import type { Engine } from "../engine.ts";
import { resolveImage } from "./names.ts";
import { parsePlatform, samePlatform } from "./platform.ts";

export type SaveParts = Pick<Engine, "store" | "clock">;

interface Saved {
  image: ImageRow;
  tags: RefRow[];
}

/** Names are resolved at once: what is missing is an error before the first byte. A repository without a tag means all its tags. */
export function saveImages(engine: SaveParts, names: readonly string[], options: { platforms?: readonly string[] }, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const saved = engine.store.view((tx) => resolveAll(tx, names));
  for (const platform of options.platforms ?? []) {
    const wanted = parsePlatform(platform);
    const missing = saved.find(({ image }) => !samePlatform(image, wanted));
    if (missing !== undefined) throw notFound(`no suitable export target found for platform ${platform}`);
  }
  return archive(engine, saved, signal);
}

function resolveAll(tx: Reader, names: readonly string[]): Saved[] {
  const saved = new Map<string, Saved>();
  const add = (image: ImageRow, tags: readonly RefRow[]): void => {
    const known = saved.get(image.id) ?? { image, tags: [] };
    for (const tag of tags) if (tag.tag !== undefined && !known.tags.some(({ name }) => name === tag.name)) known.tags.push(tag);
    saved.set(image.id, known);
  };
  for (const name of names) {
    const all = tagsOfRepository(tx, name);
    for (const tag of all) add(imageOf(tx, tag), [tag]);
    if (all.length > 0) continue;
    const { image, ref } = resolveSaved(tx, name);
    add(image, ref === undefined ? [] : [ref]);
  }
  return [...saved.values()];
}

/** What is missing is told in other words here than elsewhere. */
function resolveSaved(tx: Reader, name: string): ReturnType<typeof resolveImage> {
  try {
    return resolveImage(tx, name);
  } catch (error) {
    if (kindOf(error) !== "not_found" || name.startsWith("sha256:")) throw error;
    const { tag, digest } = parseReference(name);
    throw notFound(tag === undefined && digest === undefined ? `No such image: ${name}` : "reference does not exist");
  }
}

function tagsOfRepository(tx: Reader, name: string): RefRow[] {
  try {
    const { repository, tag, digest } = parseReference(name);
    if (tag !== undefined || digest !== undefined) return [];
    return tx.refs.by("repository", repository).filter((ref) => ref.tag !== undefined).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    // no name: an ID, or nothing that resolveImage would not say better
    return [];
  }
}

function imageOf(tx: Reader, { imageId, name }: RefRow): ImageRow {
  const image = tx.images.find(imageId);
  if (image === undefined) throw notFound(`No such image: ${familiarName(name)}`);
  return image;
}

/** What is saved stays until it is written, whatever is removed meanwhile. */
async function* archive(engine: SaveParts, saved: readonly Saved[], signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const { store } = engine;
  const leaseId = openLease(store, "save", engine.clock.nowMs());
  try {
    const described = store.update((tx) => {
      for (const { image } of saved) holdInLease(tx, leaseId, { diffs: image.diffIds, blobs: [image.id] });
      return saved.map((each) => ({ ...each, ...describe(tx, each.image, saved) }));
    });
    yield* written(engine, described, signal);
  } finally {
    endLease(store, leaseId);
  }
}

async function* written({ store }: SaveParts, described: readonly Described[], signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const done = new Set<string>();
  yield directory("blobs/");
  yield directory("blobs/sha256/");
  for (const { image, diffs, manifest } of described) {
    for (const diff of diffs) {
      if (done.has(diff.diffId)) continue;
      done.add(diff.diffId);
      yield header(blobPath(diff.diffId), diff.tarBytes, 0);
      yield* store.layers.tar(diff.diffId, signal);
      yield Buffer.alloc(padding(diff.tarBytes));
    }
    for (const bytes of [Buffer.from(store.content.read(image.id)), manifest]) {
      const digest = sha256(bytes);
      if (!done.has(digest)) yield* file(blobPath(digest), bytes);
      done.add(digest);
    }
  }
  yield* file("index.json", jsonBytes({ schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests: described.flatMap(indexEntries) }));
  yield* file("manifest.json", jsonLine(described.map(dockerEntry)));
  yield* file("oci-layout", Buffer.from('{"imageLayoutVersion": "1.0.0"}'));
  const repositories = repositoriesOf(described);
  if (Object.keys(repositories).length > 0) yield* file("repositories", jsonLine(repositories));
  yield Buffer.alloc(1024);
}

interface Described extends Saved {
  diffs: DiffRow[];
  manifest: Buffer;
  /** If it is saved as well. */
  parent?: ImageId;
}

function describe(tx: Reader, image: ImageRow, saved: readonly Saved[]): Omit<Described, keyof Saved> {
  const diffs = image.diffIds.map((diffId) => {
    const row = tx.diffs.find(diffId);
    if (row === undefined) throw notFound(`layer ${diffId} of image ${image.id} is missing`);
    return row;
  });
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MEDIA.ociManifest,
    config: { mediaType: MEDIA.ociConfig, digest: image.id, size: image.configSizeBytes },
    layers: diffs.map(layerDescriptor),
  };
  const parent = saved.find((other) => other.image.id === image.parent)?.image.id;
  return { diffs, manifest: jsonBytes(manifest), ...(parent === undefined ? {} : { parent }) };
}

function layerDescriptor({ diffId, tarBytes }: DiffRow): Descriptor {
  return { mediaType: MEDIA.ociLayer, digest: diffId, size: tarBytes };
}

function indexEntries({ tags, manifest }: Described): Descriptor[] {
  const entry: Descriptor = { mediaType: MEDIA.ociManifest, digest: sha256(manifest), size: manifest.length };
  if (tags.length === 0) return [entry];
  return tags.map((ref) => ({ ...entry, annotations: { "io.containerd.image.name": ref.name, "org.opencontainers.image.ref.name": ref.tag ?? "" } }));
}

function dockerEntry({ image, tags, diffs, parent }: Described): object {
  return {
    Config: blobPath(image.id),
    RepoTags: tags.length === 0 ? null : tags.map(({ name }) => familiarName(name)),
    Layers: diffs.map(({ diffId }) => blobPath(diffId)),
    ...(parent === undefined ? {} : { Parent: parent }),
    LayerSources: Object.fromEntries(diffs.map((diff) => [diff.diffId, { mediaType: MEDIA.ociLayer, size: diff.tarBytes, digest: diff.diffId }])),
  };
}

function repositoriesOf(described: readonly Described[]): Record<string, Record<string, string>> {
  const repositories: Record<string, Record<string, string>> = {};
  for (const { tags, diffs } of described) {
    const top = diffs.at(-1)?.diffId.slice("sha256:".length);
    if (top === undefined) continue;
    for (const { repository, tag = "" } of tags) (repositories[familiarRepository(repository)] ??= {})[tag] = top;
  }
  return repositories;
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function directory(name: string): Buffer {
  return writeTarEntry({ name, type: "5", mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 });
}

function header(name: string, size: number, mtime: number): Buffer {
  return writeTarEntry({ name, type: "0", mode: 0o644, uid: 0, gid: 0, size, mtime });
}

function* file(name: string, bytes: Buffer): Generator<Uint8Array> {
  yield header(name, bytes.length, 0);
  yield bytes;
  yield Buffer.alloc(padding(bytes.length));
}

function jsonBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function jsonLine(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

function sha256(bytes: Uint8Array): `sha256:${string}` {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
