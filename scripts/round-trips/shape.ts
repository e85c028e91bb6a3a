// An image as a registry has it: blobs by digest, a manifest, perhaps an index above it. Byte for byte as the shape wants it.
import { createHash } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { type Descriptor, type Digest, type Manifest, type ManifestIndex, MEDIA } from "../../src/wire/oci.ts";

export interface Document {
  bytes: Buffer;
  mediaType: string;
  digest: Digest;
}

export interface Shape {
  name: string;
  blobs: ReadonlyMap<Digest, Buffer>;
  /** All manifests, the one that this machine takes first. */
  manifests: readonly Document[];
  index?: Document;
  configDigest: Digest;
}

export type Family = "oci" | "docker";
export type Packing = "gzip" | "zstd" | "plain";

export interface LayerInput {
  tar: Buffer;
  packing?: Packing;
  /** Instead of what `packing` makes. */
  packed?: Buffer;
  annotations?: Record<string, string>;
}

export interface ImageInput {
  family?: Family;
  layers: readonly LayerInput[];
  /** Over what is needed; `undefined` values leave a member out. */
  config?: Record<string, unknown>;
  manifest?: Record<string, unknown>;
  /** How documents are written: JSON.stringify's third argument. */
  indent?: number | string;
  configText?: (text: string) => string;
}

const LAYER_TYPE: Readonly<Record<Family, Readonly<Record<Packing, string>>>> = {
  oci: { gzip: MEDIA.ociLayerGzip, zstd: MEDIA.ociLayerZstd, plain: MEDIA.ociLayer },
  docker: { gzip: MEDIA.dockerLayerGzip, zstd: MEDIA.ociLayerZstd, plain: MEDIA.dockerLayer },
};

interface BuiltImage {
  blobs: Map<Digest, Buffer>;
  manifest: Document;
  configDigest: Digest;
}

export function image(input: ImageInput): BuiltImage {
  const { family = "oci", layers, indent } = input;
  const blobs = new Map<Digest, Buffer>();
  const add = (bytes: Buffer): { digest: Digest; size: number } => {
    const digest = sha256(bytes);
    blobs.set(digest, bytes);
    return { digest, size: bytes.length };
  };
  const descriptors = layers.map(({ tar, packing = "gzip", packed, annotations }): Descriptor => ({ mediaType: LAYER_TYPE[family][packing], ...add(packed ?? pack(tar, packing)), ...(annotations === undefined ? {} : { annotations }) }));
  const text = JSON.stringify(configOf(input), null, indent);
  const config = add(Buffer.from(input.configText?.(text) ?? text));
  const body: Manifest = {
    schemaVersion: 2,
    mediaType: family === "oci" ? MEDIA.ociManifest : MEDIA.dockerManifest,
    config: { mediaType: family === "oci" ? MEDIA.ociConfig : MEDIA.dockerConfig, ...config },
    layers: descriptors,
    ...input.manifest,
  };
  return { blobs, manifest: document(body, indent), configDigest: config.digest };
}

export function shape(name: string, input: ImageInput): Shape {
  const { blobs, manifest, configDigest } = image(input);
  return { name, blobs, manifests: [manifest], configDigest };
}

export interface IndexInput {
  family: Family;
  images: readonly { built: BuiltImage; platform: Descriptor["platform"]; annotations?: Record<string, string> }[];
  annotations?: Record<string, string>;
}

/** The first image is the one that this machine takes. */
export function indexShape(name: string, { family, images, annotations }: IndexInput): Shape {
  const first = images[0];
  if (first === undefined) throw new Error("an index of nothing");
  // not first in the index: it is to be found by its platform
  const entries = images.toReversed().map(({ built: { manifest }, platform, annotations: own }): Descriptor => ({
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: manifest.bytes.length,
    ...(platform === undefined ? {} : { platform }),
    ...(own === undefined ? {} : { annotations: own }),
  }));
  const body: ManifestIndex = { schemaVersion: 2, mediaType: family === "oci" ? MEDIA.ociIndex : MEDIA.dockerList, manifests: entries, ...(annotations === undefined ? {} : { annotations }) };
  return {
    name,
    blobs: new Map(images.flatMap(({ built }) => [...built.blobs])),
    manifests: images.map(({ built }) => built.manifest),
    index: document(body, undefined),
    configDigest: first.built.configDigest,
  };
}

function configOf({ layers, config = {} }: ImageInput): object {
  return {
    created: "2024-05-06T07:08:09.123456789Z",
    architecture: "amd64",
    os: "linux",
    config: { Env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], Cmd: ["/bin/sh"] },
    rootfs: { type: "layers", diff_ids: layers.map(({ tar }) => sha256(tar)) },
    history: layers.map((_, index) => ({ created: "2024-05-06T07:08:09Z", created_by: `layer ${index}` })),
    ...config,
  };
}

function pack(tar: Buffer, packing: Packing): Buffer {
  if (packing === "plain") return tar;
  return packing === "zstd" ? Buffer.from(zstdCompressSync(tar)) : Buffer.from(gzipSync(tar, { level: 6 }));
}

function document(body: Manifest | ManifestIndex, indent: number | string | undefined): Document {
  const bytes = Buffer.from(JSON.stringify(body, null, indent));
  return { bytes, mediaType: body.mediaType ?? MEDIA.ociManifest, digest: sha256(bytes) };
}

export function sha256(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
