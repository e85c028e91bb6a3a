// What a registry has under a name: the manifest of the wanted platform and the image's config, both checked.
import { createHash } from "node:crypto";
import { internal, notFound, notImplemented } from "../../base/errors.ts";
import type { FetchedManifest, RepositoryClient } from "../../registry/registry.ts";
import type { Descriptor, Digest, ImageConfig, Manifest, ManifestIndex, Platform } from "../../wire/oci.ts";
import { MEDIA } from "../../wire/oci.ts";
import { chooseManifest, formatPlatform } from "./platform.ts";

export interface RemoteImage {
  /** What the name stands for: an index's digest where there is one. */
  digest: Digest;
  /** Every document on the way to the image, to be kept: index, manifest. */
  documents: readonly FetchedManifest[];
  manifest: Manifest;
  manifestDigest: Digest;
}

const MAX_CONFIG_BYTES = 8 << 20;

export interface FindOptions {
  platform: Platform;
  /** For errors. */
  shownName: string;
  signal: AbortSignal;
  onFound: () => void;
}

export async function findRemoteImage(client: RepositoryClient, reference: string, { platform, shownName, signal, onFound }: FindOptions): Promise<RemoteImage> {
  const top = await client.manifest(reference, signal);
  parseJson(top);
  onFound();
  refuseSchema1(top, shownName);
  if (!isIndex(top)) return { digest: top.digest, documents: [top], manifest: parseManifest(top), manifestDigest: top.digest };
  const index = parseJson<ManifestIndex>(top);
  if (!Array.isArray(index.manifests)) throw internal("manifest list has no manifests");
  const chosen = chooseManifest(index.manifests, platform);
  if (chosen === undefined) throw notFound(`no matching manifest for ${formatPlatform(platform)} in the manifest list entries: no match for platform in manifest: not found`);
  const inner = await client.manifest(chosen.digest, signal);
  refuseSchema1(inner, shownName);
  return { digest: top.digest, documents: [top, inner], manifest: parseManifest(inner), manifestDigest: inner.digest };
}

/** The config's bytes are the image's identity: they must be what the manifest says. */
export async function fetchConfig(client: RepositoryClient, descriptor: Descriptor, signal: AbortSignal): Promise<{ bytes: Buffer; config: ImageConfig }> {
  if (descriptor.size > MAX_CONFIG_BYTES) throw internal(`image config of ${descriptor.size} bytes is larger than ${MAX_CONFIG_BYTES}`);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of client.blob(descriptor, { signal })) {
    length += part.length;
    if (length > MAX_CONFIG_BYTES) throw internal(`image config is larger than ${MAX_CONFIG_BYTES} bytes`);
    parts.push(Buffer.from(part));
  }
  const bytes = Buffer.concat(parts);
  if (digestOf(bytes) !== descriptor.digest) throw internal("image config verification failed for digest " + descriptor.digest);
  let config: Partial<ImageConfig>;
  try {
    config = JSON.parse(bytes.toString("utf8")) as Partial<ImageConfig>;
  } catch (error) {
    throw internal("invalid image config: not JSON", {}, error);
  }
  if (config.rootfs === undefined || !Array.isArray(config.rootfs.diff_ids)) throw internal("image config has no rootfs section");
  return { bytes, config: { ...config, os: config.os || "linux", architecture: config.architecture ?? "", rootfs: config.rootfs } };
}

export function isIndex({ mediaType, bytes }: FetchedManifest): boolean {
  if (mediaType === MEDIA.ociIndex || mediaType === MEDIA.dockerList) return true;
  // a registry that calls everything application/json
  return mediaType !== MEDIA.ociManifest && mediaType !== MEDIA.dockerManifest && bytes.length > 0 && "manifests" in parseJson<object>({ bytes });
}

function parseManifest(fetched: FetchedManifest): Manifest {
  const manifest = parseJson<Partial<Manifest>>(fetched);
  if (manifest.config === undefined || !Array.isArray(manifest.layers)) throw internal(`unsupported manifest format: ${fetched.mediaType}`);
  for (const { digest, size } of [manifest.config, ...manifest.layers]) {
    if (!/^sha256:[0-9a-f]{64}$/.test(digest) || !Number.isSafeInteger(size) || size < 0) throw internal(`invalid descriptor in manifest: ${JSON.stringify(digest)}`);
  }
  if (manifest.artifactType !== undefined && manifest.config.mediaType === "application/vnd.oci.empty.v1+json") throw internal(`Encountered remote ${JSON.stringify(manifest.artifactType)}(unknown) when fetching`);
  return manifest as Manifest;
}

function refuseSchema1({ mediaType, bytes }: FetchedManifest, shownName: string): void {
  const isOld = mediaType === MEDIA.dockerSchema1 || mediaType === MEDIA.dockerSchema1Signed || (mediaType === "application/json" && parseJson<{ schemaVersion?: number }>({ bytes }).schemaVersion === 1);
  if (!isOld) return;
  throw notImplemented(
    `Docker Image Format v1 and Docker Image manifest version 2, schema 1 support has been removed. Suggest the author of ${shownName} to upgrade the image to the OCI Format or Docker Image manifest v2, schema 2. More information at https://docs.docker.com/go/deprecated-image-specs/`,
  );
}

export function parseJson<T>({ bytes }: { bytes: Uint8Array }): T {
  const text = Buffer.from(bytes).toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const first = text.trimStart()[0];
    throw internal(`error unmarshalling content: ${first === undefined || first === "{" ? "unexpected end of JSON input" : `invalid character '${first}' looking for beginning of value`}`, {}, error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw internal("error unmarshalling content: the manifest is no object");
  return value as T;
}

function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
