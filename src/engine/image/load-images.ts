// What images a taken-apart archive holds: by manifest.json, by index.json, or by the old `repositories`.
import { invalid } from "../../base/errors.ts";
import type { DiffRow } from "../../store/store.ts";
import { jsonProblem } from "../../wire/json-problem.ts";
import { type Descriptor, type ImageConfig, type Manifest, type ManifestIndex, MEDIA, type Platform } from "../../wire/oci.ts";
import { canonicalName, parseReference, withDefaultTag } from "../../wire/reference.ts";
import type { CollectedArchive } from "./load-collect.ts";
import { chooseManifest, hostPlatform, samePlatform } from "./platform.ts";

export interface ArchivedImage {
  configBytes: Buffer;
  configMediaType: string;
  config: ImageConfig;
  layers: DiffRow[];
  /** Canonical, each with its tag. */
  names: string[];
  /** As the archive has it; not of this archive alone. */
  parent?: string;
}

interface DockerEntry {
  Config?: string;
  RepoTags?: string[] | null;
  Layers?: string[] | null;
  Parent?: string;
}

/** `platforms`: only these; without any all, but of an image of several platforms only the one for this machine. */
export function imagesOf(archive: CollectedArchive, platforms: readonly Platform[]): ArchivedImage[] {
  const [docker, index] = [archive.files.get("manifest.json"), archive.files.get("index.json")];
  const fits = ({ config }: ArchivedImage): boolean => platforms.length === 0 || platforms.some((platform) => samePlatform(config, platform));
  if (docker !== undefined) {
    const images = dockerEntries(docker).map((entry) => dockerImage(archive, entry));
    const fitting = images.filter(fits);
    // manifest.json has one platform of each image
    if (fitting.length > 0 || index === undefined || platforms.length === 0) return fitting;
  }
  if (index !== undefined) return ociImages(archive, parse<ManifestIndex>(index).manifests ?? [], { platforms }).filter(fits);
  throw invalid("invalid archive: does not contain a manifest.json");
}

function dockerEntries(bytes: Buffer): DockerEntry[] {
  const entries = parse<DockerEntry[] | null>(bytes);
  if (entries === null) throw invalid("invalid manifest, manifest cannot be null (but can be [])");
  if (!Array.isArray(entries)) throw invalid(`json: cannot unmarshal ${typeof entries} into Go value of type []tarexport.manifestItem`);
  return entries;
}

function dockerImage(archive: CollectedArchive, { Config = "", Layers, RepoTags, Parent }: DockerEntry): ArchivedImage {
  const configBytes = found(archive.files, archive, cleanPath(Config)) ?? missing(Config);
  const paths = Layers ?? [];
  const config = configOf(configBytes, paths.length);
  const layers = paths.map((path) => (found(archive.layers, archive, cleanPath(path)) ?? missing(path)).row);
  return checked({ configBytes, configMediaType: MEDIA.dockerConfig, config, layers, names: (RepoTags ?? []).map(taggedName), ...(Parent === undefined ? {} : { parent: Parent }) });
}

interface Below {
  platforms: readonly Platform[];
  /** Of the index above: it holds for what is below it. */
  name?: string;
}

/** Indexes may lie in indexes. */
function ociImages(archive: CollectedArchive, descriptors: readonly Descriptor[], { platforms, name }: Below): ArchivedImage[] {
  return mergeNames(
    descriptors.flatMap((descriptor) => {
      const bytes = archive.files.get(blobPath(descriptor));
      const own = nameOf(descriptor) ?? name;
      // an index may list platforms that the archive does not bring
      if (bytes === undefined) return [];
      const content = parse<Partial<Manifest & ManifestIndex>>(bytes);
      if (content.manifests !== undefined) return ociImages(archive, platformsOf(archive, content.manifests, platforms), { platforms, ...(own === undefined ? {} : { name: own }) });
      if (descriptor.annotations?.["vnd.docker.reference.type"] !== undefined || content.config === undefined) return [];
      const configBytes = archive.files.get(blobPath(content.config)) ?? missing(blobPath(content.config));
      const descriptions = content.layers ?? [];
      const config = configOf(configBytes, descriptions.length);
      return [checked({ configBytes, configMediaType: content.config.mediaType, config, layers: descriptions.map((layer) => ociLayer(archive, layer)), names: own === undefined ? [] : [own] })];
    }),
  );
}

function nameOf({ annotations }: Descriptor): string | undefined {
  const text = annotations?.["io.containerd.image.name"] ?? annotations?.["org.opencontainers.image.ref.name"];
  // a mere tag names no image
  if (text === undefined || !/[:/]/.test(text)) return undefined;
  const { domain, path, repository, tag = "latest" } = withDefaultTag(parseReference(text));
  return canonicalName({ domain, path, repository, tag });
}

/** A name is one image's here: of several platforms that the archive brings it is this machine's. */
function platformsOf(archive: CollectedArchive, manifests: readonly Descriptor[], platforms: readonly Platform[]): readonly Descriptor[] {
  if (platforms.length > 0) return manifests;
  const here = manifests.filter((each) => archive.files.has(blobPath(each)));
  const chosen = chooseManifest(here, hostPlatform());
  return chosen === undefined ? here : [chosen];
}

function ociLayer(archive: CollectedArchive, descriptor: Descriptor): DiffRow {
  const { row, digest } = archive.layers.get(blobPath(descriptor)) ?? missing(blobPath(descriptor));
  if (digest !== descriptor.digest) throw invalid(`filesystem layer verification failed for digest ${descriptor.digest}`);
  return row;
}

function blobPath({ digest }: Descriptor): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function mergeNames(images: readonly ArchivedImage[]): ArchivedImage[] {
  const merged: ArchivedImage[] = [];
  for (const image of images) {
    const known = merged.find(({ configBytes }) => configBytes.equals(image.configBytes));
    if (known === undefined) merged.push(image);
    else known.names = [...new Set([...known.names, ...image.names])];
  }
  return merged;
}

/** What is at a path, or where a link there leads. */
function found<T>(things: ReadonlyMap<string, T>, { links }: CollectedArchive, path: string): T | undefined {
  let at: string | undefined = path;
  for (let count = 0; at !== undefined && count < 8; count++) {
    const thing = things.get(at);
    if (thing !== undefined) return thing;
    at = links.get(at);
  }
  return undefined;
}

function missing(path: string): never {
  throw invalid(`open ${path}: no such file or directory`);
}

function taggedName(text: string): string {
  const { domain, path, repository, tag } = parseReference(text);
  if (tag === undefined) throw invalid(`invalid tag ${JSON.stringify(text)}`);
  return canonicalName({ domain, path, repository, tag });
}

/** Layers must be those that the config names. */
function checked(image: ArchivedImage): ArchivedImage {
  const wanted = image.config.rootfs.diff_ids;
  for (const [index, layer] of image.layers.entries()) {
    if (layer.diffId !== wanted[index]) throw invalid(`invalid diffID for layer ${index}: expected ${JSON.stringify(wanted[index])}, got ${JSON.stringify(layer.diffId)}`);
  }
  return image;
}

function configOf(bytes: Buffer, layerCount: number): ImageConfig {
  const config = parse<Partial<ImageConfig>>(bytes);
  if (!Array.isArray(config.rootfs?.diff_ids)) throw invalid("invalid image JSON, no RootFS key");
  const os = config.os === undefined || config.os === "" ? "linux" : config.os;
  if (os !== "linux") throw invalid(`cannot load ${os} image on linux`);
  const count = config.rootfs.diff_ids.length;
  if (count !== layerCount) throw invalid(`invalid manifest, layers length mismatch: expected ${layerCount}, got ${count}`);
  return { architecture: "", ...config, os, rootfs: config.rootfs };
}

function parse<T>(bytes: Buffer): T {
  const text = bytes.toString("utf8");
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw invalid(jsonProblem(text) ?? "unexpected end of JSON input", {}, error);
  }
}

function cleanPath(path: string): string {
  return path.replace(/^(\.\/)+/, "").replace(/^\/+/, "");
}
