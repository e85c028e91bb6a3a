// What images a taken-apart archive holds: by manifest.json, by index.json, or by the old `repositories`.
import { invalid } from "../../base/errors.ts";
import type { DiffRow } from "../../store/store.ts";
import { type Descriptor, type ImageConfig, type Manifest, type ManifestIndex, MEDIA } from "../../wire/oci.ts";
import type { CollectedArchive } from "./load-collect.ts";

export interface ArchivedImage {
  configBytes: Buffer;
  configMediaType: string;
  config: ImageConfig;
  layers: DiffRow[];
  /** As the archive writes them. */
  names: string[];
}

interface DockerEntry {
  Config?: string;
  RepoTags?: string[] | null;
  Layers?: string[] | null;
}

export function imagesOf(archive: CollectedArchive): ArchivedImage[] {
  const docker = archive.files.get("manifest.json");
  if (docker !== undefined) return parse<DockerEntry[]>(docker, "manifest.json").map((entry) => dockerImage(archive, entry));
  const index = archive.files.get("index.json");
  if (index !== undefined) return ociImages(archive, parse<ManifestIndex>(index, "index.json").manifests, undefined);
  throw invalid("invalid archive: does not contain a manifest.json");
}

function dockerImage(archive: CollectedArchive, entry: DockerEntry): ArchivedImage {
  const configBytes = archive.files.get(cleanPath(entry.Config ?? ""));
  if (configBytes === undefined) throw invalid(`invalid archive: open ${entry.Config ?? ""}: no such file or directory`);
  const config = configOf(configBytes, entry.Config ?? "");
  const layers = (entry.Layers ?? []).map((path) => layerAt(archive, cleanPath(path)));
  return checked({ configBytes, configMediaType: MEDIA.dockerConfig, config, layers, names: entry.RepoTags ?? [] });
}

/** Indexes may lie in indexes; a name holds for what is below it. */
function ociImages(archive: CollectedArchive, descriptors: readonly Descriptor[], name: string | undefined): ArchivedImage[] {
  return mergeNames(
    descriptors.flatMap((descriptor) => {
      const bytes = archive.files.get(`blobs/${descriptor.digest.replace(":", "/")}`);
      const own = descriptor.annotations?.["io.containerd.image.name"] ?? descriptor.annotations?.["org.opencontainers.image.ref.name"] ?? name;
      // an index may list platforms that the archive does not bring
      if (bytes === undefined) return [];
      const content = parse<Partial<Manifest & ManifestIndex>>(bytes, descriptor.digest);
      if (content.manifests !== undefined) return ociImages(archive, content.manifests, own);
      if (descriptor.annotations?.["vnd.docker.reference.type"] !== undefined || content.config === undefined) return [];
      const configBytes = archive.files.get(`blobs/${content.config.digest.replace(":", "/")}`);
      if (configBytes === undefined) throw invalid(`invalid archive: config ${content.config.digest} is missing`);
      const layers = (content.layers ?? []).map((layer) => layerAt(archive, `blobs/${layer.digest.replace(":", "/")}`));
      const names = own !== undefined && /[:/]/.test(own) ? [own] : [];
      return [checked({ configBytes, configMediaType: content.config.mediaType, config: configOf(configBytes, content.config.digest), layers, names })];
    }),
  );
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

function layerAt(archive: CollectedArchive, path: string): DiffRow {
  let at = path;
  for (let links = 0; links < 8; links++) {
    const row = archive.layers.get(at);
    if (row !== undefined) return row;
    const next = archive.links.get(at);
    if (next === undefined) break;
    at = next;
  }
  throw invalid(`invalid archive: layer ${path} is missing`);
}

/** Layers must be those that the config names. */
function checked(image: ArchivedImage): ArchivedImage {
  const wanted = image.config.rootfs.diff_ids;
  if (wanted.length !== image.layers.length) throw invalid(`invalid manifest, layers length mismatch: expected ${wanted.length}, got ${image.layers.length}`);
  for (const [index, layer] of image.layers.entries()) {
    if (layer.diffId !== wanted[index]) throw invalid(`invalid diffID for layer ${index}: expected ${JSON.stringify(wanted[index])}, got ${JSON.stringify(layer.diffId)}`);
  }
  return image;
}

function configOf(bytes: Buffer, name: string): ImageConfig {
  const config = parse<Partial<ImageConfig>>(bytes, name);
  if (config.rootfs === undefined || !Array.isArray(config.rootfs.diff_ids)) throw invalid("invalid image JSON, no RootFS key");
  return { os: "linux", architecture: "", ...config, rootfs: config.rootfs };
}

function parse<T>(bytes: Buffer, name: string): T {
  try {
    return JSON.parse(bytes.toString("utf8")) as T;
  } catch (error) {
    throw invalid(`invalid archive: ${name} is no JSON`, {}, error);
  }
}

function cleanPath(path: string): string {
  return path.replace(/^(\.\/)+/, "").replace(/^\/+/, "");
}
