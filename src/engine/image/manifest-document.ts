// A manifest or an index as a registry sent it: what kind it is, and that it is only one of the two.
import { internal, invalid, messageOf, notImplemented } from "../../base/errors.ts";
import type { FetchedManifest } from "../../registry/registry.ts";
import { jsonProblem } from "../../wire/json-problem.ts";
import { type Descriptor, type Manifest, type ManifestIndex, MEDIA } from "../../wire/oci.ts";

type Document = Partial<Omit<Manifest, "schemaVersion" | "mediaType"> & Omit<ManifestIndex, "schemaVersion" | "mediaType">> & { schemaVersion?: number; mediaType?: string; fsLayers?: unknown };

const SCHEMA_1 = new Set<string>([MEDIA.dockerSchema1, MEDIA.dockerSchema1Signed]);
const INDEXES = new Set<string>([MEDIA.ociIndex, MEDIA.dockerList]);
const MANIFESTS = new Set<string>([MEDIA.ociManifest, MEDIA.dockerManifest]);

/** What old registries say of a config, besides its own types. */
const VAGUE_TYPES = ["application/octet-stream", "application/json", "text/html", ""];
const IMAGE_CONFIGS = new Set<string>([MEDIA.dockerConfig, MEDIA.ociConfig, ...VAGUE_TYPES]);
const PLUGIN_CONFIG = "application/vnd.docker.plugin.v1+json";

type Opened = { kind: "schema1" } | { kind: "index"; index: ManifestIndex } | { kind: "manifest"; manifest: Manifest };

export function openDocument(fetched: FetchedManifest): Opened {
  if (isSchema1(fetched)) return { kind: "schema1" };
  return isIndex(fetched) ? { kind: "index", index: parseIndex(fetched) } : { kind: "manifest", manifest: parseManifest(fetched) };
}

function isSchema1(fetched: FetchedManifest): boolean {
  return SCHEMA_1.has(fetched.mediaType) || (!isNamed(fetched) && parseDocument(fetched).schemaVersion === 1);
}

function isIndex(fetched: FetchedManifest): boolean {
  // a registry that calls everything application/json
  return INDEXES.has(fetched.mediaType) || (!isNamed(fetched) && "manifests" in parseDocument(fetched));
}

function isNamed({ mediaType }: FetchedManifest): boolean {
  return INDEXES.has(mediaType) || MANIFESTS.has(mediaType);
}

/** One that reads as both would be another image for every reader. */
function parseIndex(fetched: FetchedManifest): ManifestIndex {
  const document = parseDocument(fetched);
  if (document.config !== undefined || document.layers !== undefined || document.fsLayers !== undefined) throw internal("index: expected index but found manifest");
  if (fetched.mediaType === MEDIA.ociIndex) checkType(document, MEDIA.ociIndex, "if present, mediaType in image index");
  if (fetched.mediaType === MEDIA.dockerList) checkType(document, MEDIA.dockerList, "mediaType in manifest list");
  if (!Array.isArray(document.manifests)) throw internal("manifest list has no manifests");
  return document as ManifestIndex;
}

function parseManifest(fetched: FetchedManifest): Manifest {
  const document = parseDocument(fetched);
  if (document.manifests !== undefined) throw internal("ocimanifest: expected manifest but found index");
  if (fetched.mediaType === MEDIA.ociManifest) checkType(document, MEDIA.ociManifest, "if present, mediaType in manifest");
  if (fetched.mediaType === MEDIA.dockerManifest) checkType(document, MEDIA.dockerManifest, "mediaType in manifest");
  const { config, layers } = document;
  if (typeof config !== "object" || config === null) throw internal(`unsupported manifest format: ${fetched.mediaType}`);
  const type = config.mediaType ?? "";
  if (fetched.mediaType === MEDIA.dockerManifest && !IMAGE_CONFIGS.has(type)) throw invalid(`Encountered remote ${JSON.stringify(type)}(${type === PLUGIN_CONFIG ? "plugin" : "unknown"}) when fetching`);
  return { ...document, layers: layers ?? [] } as Manifest;
}

/** That what the manifest names can be fetched and is part of an image. */
export function checkDescriptors({ config, layers }: Manifest): void {
  checkImageType(config);
  const bad = digestProblem(config.digest);
  if (bad !== undefined) throw internal(`error pulling image configuration: ${bad}`);
  for (const layer of layers) {
    const problem = digestProblem(layer?.digest);
    if (problem !== undefined) throw internal(`could not validate layer digest ${JSON.stringify(layer?.digest ?? "")}: ${problem}`);
    checkImageType(layer);
  }
  for (const { digest, size } of [config, ...layers]) if (!Number.isSafeInteger(size) || size < 0) throw internal(`invalid size of ${digest} in manifest: ${String(size)}`);
}

export function refusalOfSchema1(shownName: string): Error {
  return notImplemented(
    `Docker Image Format v1 and Docker Image manifest version 2, schema 1 support has been removed. Suggest the author of ${shownName} to upgrade the image to the OCI Format or Docker Image manifest v2, schema 2. More information at https://docs.docker.com/go/deprecated-image-specs/`,
  );
}

function parseDocument(fetched: FetchedManifest): Document {
  return parseObject<Document>(fetched.bytes, isNamed(fetched) ? "" : "error unmarshalling content: ");
}

/** `about` comes before the text of an error. */
export function parseObject<T>(bytes: Uint8Array, about = ""): T {
  const text = Buffer.from(bytes).toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw internal(about + (jsonProblem(text) ?? messageOf(error)), {}, error);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as T;
  const kind = Array.isArray(value) ? "array" : value === null ? "null" : typeof value === "boolean" ? "bool" : typeof value;
  throw internal(`${about}json: cannot unmarshal ${kind} into an object`);
}

function checkType({ mediaType }: Document, wanted: string, where: string): void {
  if (mediaType !== undefined && mediaType !== "" && mediaType !== wanted) throw internal(`${where} should be '${wanted}' not '${mediaType}'`);
}

function checkImageType({ mediaType = "" }: Descriptor): void {
  const type = mediaType.toLowerCase();
  const isKnown = VAGUE_TYPES.includes(type) || ["application/vnd.oci.image", "application/vnd.docker"].some((prefix) => type === prefix || type.startsWith(`${prefix}.`));
  if (!isKnown) throw internal(`unsupported media type ${mediaType}`);
}

function digestProblem(digest: unknown): string | undefined {
  const [, algorithm, encoded = ""] = typeof digest === "string" ? (/^([a-z0-9]+(?:[+._-][a-z0-9]+)*):(.+)$/.exec(digest) ?? []) : [];
  if (algorithm === undefined) return "invalid checksum digest format";
  if (algorithm !== "sha256") return "unsupported digest algorithm";
  if (encoded.length !== 64) return "invalid checksum digest length";
  return /^[0-9a-f]{64}$/.test(encoded) ? undefined : "invalid checksum digest format";
}
