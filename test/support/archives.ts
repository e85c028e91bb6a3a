// Archives of images as each tool lays them out. Written by hand, since not every tool and version is at hand.
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { type Piece, tarOf } from "./tar-text.ts";

export interface ArchiveImage {
  config: Buffer;
  /** Bottom to top, uncompressed. */
  layers: readonly Buffer[];
  /** As `repository:tag`. */
  names: readonly string[];
}

export const hexOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export function archiveImage(layers: readonly Buffer[], names: readonly string[], more: Record<string, unknown> = {}): ArchiveImage {
  const config = { architecture: "amd64", os: "linux", created: "2024-01-02T03:04:05Z", config: { Cmd: ["sh"] }, rootfs: { type: "layers", diff_ids: layers.map((layer) => `sha256:${hexOf(layer)}`) }, ...more };
  return { config: Buffer.from(JSON.stringify(config)), layers, names };
}

/** Docker 1.10 to 24: a directory for each layer; one that is there already is a link. */
export function docker24(images: readonly ArchiveImage[]): Buffer {
  const pieces: Piece[] = [];
  const first = new Map<string, string>();
  const repositories: Record<string, Record<string, string>> = {};
  const entries = images.map(({ config, layers, names }) => {
    const paths = layers.map((layer, index) => {
      const id = hexOf(Buffer.concat([config, Buffer.from(`layer ${index}`)]));
      pieces.push({ name: `${id}/` }, { name: `${id}/VERSION`, content: "1.0" }, { name: `${id}/json`, content: JSON.stringify({ id }) });
      const known = first.get(hexOf(layer));
      first.set(hexOf(layer), known ?? id);
      pieces.push(known === undefined ? { name: `${id}/layer.tar`, content: layer } : { name: `${id}/layer.tar`, type: "2", linkName: `../${known}/layer.tar` });
      for (const name of index === layers.length - 1 ? names : []) (repositories[name.slice(0, name.lastIndexOf(":"))] ??= {})[name.slice(name.lastIndexOf(":") + 1)] = id;
      return `${id}/layer.tar`;
    });
    pieces.push({ name: `${hexOf(config)}.json`, content: config });
    return { Config: `${hexOf(config)}.json`, RepoTags: names.length === 0 ? null : names, Layers: paths };
  });
  return tarOf([...pieces, { name: "manifest.json", content: JSON.stringify(entries) }, { name: "repositories", content: JSON.stringify(repositories) }]);
}

/** Docker 25 to 28: an OCI layout of plain layers, and manifest.json beside it. */
export function docker25(images: readonly ArchiveImage[]): Buffer {
  return layout(images, { packed: false, dockerToo: true });
}

/** Docker 29 and ctr: the blobs as a registry has them, each image below an index of platforms that are not all there. */
export function docker29(images: readonly ArchiveImage[]): Buffer {
  return layout(images, { packed: true, dockerToo: true, missing: true });
}

/** buildx --output type=oci, skopeo and buildah's oci-archive: no manifest.json. */
export function ociArchive(images: readonly ArchiveImage[], refName: "tag" | "name" | "none" = "name"): Buffer {
  return layout(images, { packed: true, dockerToo: false, refName });
}

/** skopeo, podman and buildah's docker-archive: layers at the top, links for old Dockers after them. */
export function podmanArchive(images: readonly ArchiveImage[]): Buffer {
  const pieces = new Map<string, Piece>();
  const links: Piece[] = [];
  const entries = images.map(({ config, layers, names }) => {
    for (const [index, layer] of layers.entries()) {
      pieces.set(hexOf(layer), { name: `${hexOf(layer)}.tar`, content: layer, mode: 0o444 });
      const id = hexOf(Buffer.from(`${hexOf(config)} ${index}`));
      links.push({ name: `${id}/layer.tar`, type: "2", linkName: `../${hexOf(layer)}.tar` }, { name: `${id}/VERSION`, content: "1.0" }, { name: `${id}/json`, content: `{"id":"${id}"}` });
    }
    pieces.set(hexOf(config), { name: `${hexOf(config)}.json`, content: config, mode: 0o444 });
    return { Config: `${hexOf(config)}.json`, RepoTags: names, Layers: layers.map((layer) => `${hexOf(layer)}.tar`) };
  });
  return tarOf([...pieces.values(), ...links, { name: "manifest.json", content: JSON.stringify(entries) }, { name: "repositories", content: "{}" }]);
}

/** crane, kaniko, ko: the config is named by its digest, layers are compressed. */
export function craneArchive(images: readonly ArchiveImage[]): Buffer {
  const pieces = new Map<string, Piece>();
  const entries = images.map(({ config, layers, names }) => {
    pieces.set(`sha256:${hexOf(config)}`, { name: `sha256:${hexOf(config)}`, content: config });
    const paths = layers.map((layer) => {
      const packed = gzipSync(layer);
      pieces.set(`${hexOf(packed)}.tar.gz`, { name: `${hexOf(packed)}.tar.gz`, content: packed });
      return `${hexOf(packed)}.tar.gz`;
    });
    return { Config: `sha256:${hexOf(config)}`, RepoTags: names, Layers: paths };
  });
  return tarOf([...pieces.values(), { name: "manifest.json", content: JSON.stringify(entries) }]);
}

/** buildx --platform a,b --output type=oci: one index of all platforms, below one name. */
export function multiPlatformArchive(name: string, images: readonly (readonly [ArchiveImage, string])[]): Buffer {
  const blobs = new Map<string, Buffer>();
  const add = (mediaType: string, bytes: Buffer): { mediaType: string; digest: string; size: number } => {
    blobs.set(hexOf(bytes), bytes);
    return { mediaType, digest: `sha256:${hexOf(bytes)}`, size: bytes.length };
  };
  const manifests = images.map(([{ config, layers }, architecture]) => {
    const body = { schemaVersion: 2, mediaType: `${OCI}.manifest.v1+json`, config: add(`${OCI}.config.v1+json`, config), layers: layers.map((layer) => add(`${OCI}.layer.v1.tar+gzip`, gzipSync(layer))) };
    return { ...add(`${OCI}.manifest.v1+json`, json(body)), platform: { os: "linux", architecture } };
  });
  const top = add(`${OCI}.index.v1+json`, json({ schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests }));
  return tarOf([
    ...[...blobs].map(([hex, bytes]) => ({ name: `blobs/sha256/${hex}`, content: bytes })),
    { name: "index.json", content: json({ schemaVersion: 2, manifests: [{ ...top, annotations: annotations(name, "tag") }] }) },
    { name: "oci-layout", content: '{"imageLayoutVersion": "1.0.0"}' },
  ]);
}

const OCI = "application/vnd.oci.image";

function layout(images: readonly ArchiveImage[], { packed, dockerToo, missing = false, refName = "tag" }: { packed: boolean; dockerToo: boolean; missing?: boolean; refName?: "tag" | "name" | "none" }): Buffer {
  const blobs = new Map<string, Buffer>();
  const add = (mediaType: string, bytes: Buffer): { mediaType: string; digest: string; size: number } => {
    blobs.set(hexOf(bytes), bytes);
    return { mediaType, digest: `sha256:${hexOf(bytes)}`, size: bytes.length };
  };
  const absent = { mediaType: `${OCI}.manifest.v1+json`, digest: `sha256:${"5".repeat(64)}`, size: 500, platform: { os: "linux", architecture: "s390x" } };
  const manifests: object[] = [];
  const entries: object[] = [];
  for (const { config, layers, names } of images) {
    const descriptors = layers.map((layer) => add(`${OCI}.layer.v1.tar${packed ? "+gzip" : ""}`, packed ? gzipSync(layer) : layer));
    const configDescriptor = add(`${OCI}.config.v1+json`, config);
    let top = add(`${OCI}.manifest.v1+json`, json({ schemaVersion: 2, mediaType: `${OCI}.manifest.v1+json`, config: configDescriptor, layers: descriptors }));
    if (missing) top = add(`${OCI}.index.v1+json`, json({ schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests: [absent, { ...top, platform: { os: "linux", architecture: "amd64" } }] }));
    for (const name of names.length === 0 ? [undefined] : names) manifests.push({ ...top, ...(name === undefined ? {} : { annotations: annotations(name, refName) }) });
    entries.push({ Config: path(configDescriptor.digest), RepoTags: names, Layers: descriptors.map(({ digest }) => path(digest)) });
  }
  return tarOf([
    { name: "blobs/" },
    { name: "blobs/sha256/" },
    ...[...blobs].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([hex, bytes]) => ({ name: `blobs/sha256/${hex}`, content: bytes })),
    { name: "index.json", content: json({ schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests }) },
    ...(dockerToo ? [{ name: "manifest.json", content: json(entries) }] : []),
    { name: "oci-layout", content: '{"imageLayoutVersion": "1.0.0"}' },
  ]);
}

function annotations(name: string, refName: "tag" | "name" | "none"): object {
  const tag = name.slice(name.lastIndexOf(":") + 1);
  if (refName === "name") return { "org.opencontainers.image.ref.name": name };
  return { "io.containerd.image.name": `docker.io/library/${name}`, ...(refName === "tag" ? { "org.opencontainers.image.ref.name": tag } : {}) };
}

const path = (digest: string): string => `blobs/${digest.replace(":", "/")}`;
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
