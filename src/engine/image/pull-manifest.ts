// What a registry has under a name: the manifest of the wanted platform and the image's config, both checked.
import { createHash } from "node:crypto";
import { internal, messageOf, notFound } from "../../base/errors.ts";
import type { FetchedManifest, RepositoryClient } from "../../registry/registry.ts";
import type { Descriptor, Digest, ImageConfig, Manifest, Platform } from "../../wire/oci.ts";
import { checkDescriptors, openDocument, parseObject, refusalOfSchema1 } from "./manifest-document.ts";
import { chooseManifest, formatPlatform } from "./platform.ts";

export interface RemoteImage {
  /** What the name stands for: an index's digest where there is one. */
  digest: Digest;
  /** Every document on the way to the image, to be kept: index, manifest. */
  documents: readonly FetchedManifest[];
  manifest: Manifest;
  manifestDigest: Digest;
}

const MAX_DEPTH = 8;
const MAX_CONFIG_BYTES = 8 << 20;
const CONFIG = "image config";
const PULLING_CONFIG = "error pulling image configuration";

export interface FindOptions {
  platform: Platform;
  /** For errors. */
  shownName: string;
  signal: AbortSignal;
  onFound: () => void;
}

export async function findRemoteImage(client: RepositoryClient, reference: string, { platform, shownName, signal, onFound }: FindOptions): Promise<RemoteImage> {
  const top = await client.manifest(reference, signal);
  const documents = [top];
  let document = openDocument(top);
  onFound();
  for (let depth = 0; document.kind === "index"; depth++) {
    if (depth === MAX_DEPTH) throw internal("manifest list is nested too deeply");
    const chosen = chooseManifest(document.index.manifests, platform);
    if (chosen === undefined) throw notFound(`no matching manifest for ${formatPlatform(platform)} in the manifest list entries`);
    const inner = await client.manifest(chosen.digest, signal);
    documents.push(inner);
    document = openDocument(inner);
  }
  if (document.kind === "schema1") throw refusalOfSchema1(shownName);
  checkDescriptors(document.manifest);
  return { digest: top.digest, documents, manifest: document.manifest, manifestDigest: (documents.at(-1) ?? top).digest };
}

/** The config's bytes are the image's identity: they must be what the manifest says. */
export async function fetchConfig(client: RepositoryClient, descriptor: Descriptor, signal: AbortSignal): Promise<{ bytes: Buffer; config: ImageConfig }> {
  if (descriptor.size > MAX_CONFIG_BYTES) throw internal(`${PULLING_CONFIG}: ${descriptor.size} bytes are more than the limit of ${MAX_CONFIG_BYTES}`);
  const bytes = await readConfig(client, descriptor, signal);
  if (digestOf(bytes) !== descriptor.digest) throw internal(`${PULLING_CONFIG}: ${CONFIG} verification failed for digest ${descriptor.digest}`);
  const config = parseObject<Partial<ImageConfig>>(bytes);
  if (config.rootfs === undefined || !Array.isArray(config.rootfs.diff_ids)) throw internal("invalid rootfs in image configuration");
  return { bytes, config: { ...config, os: config.os || "linux", architecture: config.architecture ?? "", rootfs: config.rootfs } };
}

/** The size is the manifest's: the client passes no byte more. */
async function readConfig(client: RepositoryClient, descriptor: Descriptor, signal: AbortSignal): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of client.blob(descriptor, { signal, what: CONFIG })) parts.push(Buffer.from(part));
  } catch (error) {
    signal.throwIfAborted();
    const { attempts } = (error as { detail?: { attempts?: number } }).detail ?? {};
    const text = messageOf(error);
    const tries = attempts === undefined || text.startsWith(CONFIG) ? "" : `download failed after attempts=${attempts}: `;
    throw internal(`${PULLING_CONFIG}: ${tries}${text}`, {}, error);
  }
  return Buffer.concat(parts);
}

function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
