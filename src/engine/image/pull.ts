// POST /images/create?fromImage: images from a registry, with the messages that Docker's clients know.
import { EngineError, internal, invalid, messageOf, notFound } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import type { AuthConfig, RepositoryClient } from "../../registry/registry.ts";
import { type Actor, type DiffRow, endLease, type ImageRow, openLease, type Writer } from "../../store/store.ts";
import type { Descriptor, Digest } from "../../wire/oci.ts";
import type { ProgressSink } from "../../wire/progress.ts";
import { canonicalName, familiarRepository, parseReference, type Reference, withDefaultTag } from "../../wire/reference.ts";
import type { Engine } from "../engine.ts";
import { formatPlatform, hostPlatform, parsePlatform, platformFits } from "./platform.ts";
import { pullLayers } from "./pull-layers.ts";
import { fetchConfig, findRemoteImage, type RemoteImage } from "./pull-manifest.ts";
import { checkSpace, whileSpaceLasts } from "./pull-space.ts";
import { recordImage } from "./record.ts";
import { setReference } from "./tag.ts";

export interface PullRequest {
  /** As given by the client: fromImage. */
  image: string;
  tag?: string;
  platform?: string;
  auth?: AuthConfig;
  all?: boolean;
  actor: Actor;
}

export type PullParts = Pick<Engine, "store" | "registry" | "events" | "clock" | "config" | "log">;

/** What one pull works with. */
interface Pull {
  engine: PullParts;
  request: PullRequest;
  client: RepositoryClient;
  progress: ProgressSink;
  signal: AbortSignal;
}

export async function pullImage(engine: PullParts, request: PullRequest, progress: ProgressSink, signal: AbortSignal): Promise<void> {
  const wanted = referenceOf(request);
  // the API's way of asking for all tags is to name none
  const all = request.all === true || (wanted.tag === undefined && wanted.digest === undefined);
  const client = engine.registry.repository(wanted.repository, request.auth, "pull");
  const pull: Pull = { engine, request, client, progress, signal };
  let isNewer = false;
  try {
    if (all) for (const tag of await client.tags(signal)) isNewer = (await pullOne(pull, { ...wanted, tag })) || isNewer;
    else isNewer = await pullOne(pull, wanted);
  } catch (error) {
    throw inDockersWords(error, wanted);
  }
  const shown = all ? familiarRepository(wanted.repository) : shownName(wanted);
  progress({ status: `Status: ${isNewer ? "Downloaded newer image" : "Image is up to date"} for ${shown}` });
  if (!all) warnOfPlatform(pull, wanted);
  engine.store.update((tx) => {
    const image = tx.refs.find(canonicalName(all ? withDefaultTag(wanted) : wanted));
    const labels = image === undefined ? {} : tx.images.find(image.imageId)?.labels;
    engine.events.add(tx, { type: "image", action: "pull", actorId: shown, attributes: { ...labels, name: familiarRepository(wanted.repository) }, by: request.actor });
  });
}

function referenceOf({ image, tag = "" }: PullRequest): Reference {
  const reference = parseReference(image);
  if (tag === "") return reference;
  if (/^[a-z0-9+._-]+:[0-9a-f]{32,}$/i.test(tag)) return parseReference(`${image.split("@")[0]}@${tag}`);
  if (!/^\w[\w.-]{0,127}$/.test(tag)) throw invalid("invalid tag format");
  return { ...reference, tag };
}

function shownName(reference: Reference): string {
  return `${familiarRepository(reference.repository)}${suffixOf(reference)}`;
}

/** As it was asked for: by digest, the tag says nothing, but it is told. */
function suffixOf({ tag, digest }: Reference): string {
  return `${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** True if anything came or a name moved. */
async function pullOne(pull: Pull, reference: Reference): Promise<boolean> {
  const { engine, client, progress, signal, request } = pull;
  const remoteName = reference.digest ?? reference.tag ?? "latest";
  const wanted = request.platform === undefined || request.platform === "" ? hostPlatform() : parsePlatform(request.platform);
  // what is not there is told before the first message, with a status of its own
  const onFound = (): void => progress({ status: `Pulling from ${client.path}`, id: reference.digest === undefined ? remoteName : `${reference.repository}${suffixOf(reference)}` });
  const remote = await findRemoteImage(client, remoteName, { platform: wanted, shownName: shownName(reference), signal, onFound });
  const leaseId = openLease(engine.store, "pull", engine.clock.nowMs());
  try {
    const known = engine.store.view((tx) => tx.images.find(remote.manifest.config.digest));
    const image = known === undefined ? await fetchImage(pull, remote, leaseId) : knownImage(pull, remote, leaseId);
    failpoint("image:after-row");
    const isNamed = engine.store.update((tx) => nameImage(tx, pull, { reference, remote, imageId: image.id }));
    progress({ status: `Digest: ${remote.digest}` });
    return known === undefined || isNamed;
  } finally {
    endLease(engine.store, leaseId);
  }
}

/** What is no list of platforms is taken as it is, whatever was asked for. */
function warnOfPlatform({ engine, request: { platform = "" }, progress }: Pull, reference: Reference): void {
  const image = engine.store.view((tx) => tx.images.find(tx.refs.find(canonicalName(reference))?.imageId ?? "sha256:"));
  if (platform === "" || image === undefined || platformFits(image, parsePlatform(platform))) return;
  const shown = `${formatPlatform(image)}) does not match the specified platform (${formatPlatform(parsePlatform(platform))}`;
  progress({ status: `WARNING: image with reference ${shownName(reference)} was found but its platform (${shown})` });
}

async function fetchImage({ engine, client, request, progress, signal }: Pull, remote: RemoteImage, leaseId: string): Promise<ImageRow> {
  const { store, clock } = engine;
  const { bytes, config } = await fetchConfig(client, remote.manifest.config, signal);
  if (config.os !== "linux") throw internal(`image operating system ${JSON.stringify(config.os)} cannot be used on this platform: operating system is not supported`);
  checkSpace(engine, remote.manifest.layers, config.rootfs.diff_ids);
  const layers = { client, descriptors: remote.manifest.layers, diffIds: config.rootfs.diff_ids, leaseId, progress };
  const diffs = await whileSpaceLasts(engine, signal, (lasting) => pullLayers(engine, { ...layers, signal: lasting }));
  const blob = store.content.write(bytes, remote.manifest.config.mediaType, leaseId);
  keepDocuments(engine, remote, leaseId);
  return store.update((tx) => {
    rememberSources(tx, diffs, remote.manifest.layers, repositoryOf(client));
    return recordImage(tx, { config: blob, parsed: config, diffs, manifest: manifestOf(remote, client), how: "pull", from: repositoryOf(client), actor: request.actor, nowMs: clock.nowMs() });
  });
}

/** The image is here under this or another name: only what describes it in this registry is new. */
function knownImage({ engine, client }: Pull, remote: RemoteImage, leaseId: string): ImageRow {
  keepDocuments(engine, remote, leaseId);
  return engine.store.update((tx) => {
    const row = tx.images.find(remote.manifest.config.digest);
    if (row === undefined) throw notFound(`image ${remote.manifest.config.digest} was removed while it was pulled`);
    const manifest = manifestOf(remote, client);
    const grown: ImageRow = { ...row, manifests: [...row.manifests.filter(({ digest }) => digest !== manifest.digest), manifest] };
    rememberSources(tx, row.diffIds.flatMap((id) => tx.diffs.find(id) ?? []), remote.manifest.layers, repositoryOf(client));
    tx.images.put(grown);
    return grown;
  });
}

function keepDocuments({ store }: PullParts, remote: RemoteImage, leaseId: string): void {
  for (const { bytes, mediaType, digest } of remote.documents) if (digest === remote.manifestDigest) store.content.write(bytes, mediaType, leaseId);
}

function manifestOf(remote: RemoteImage, client: RepositoryClient): { digest: Digest; mediaType: string; sizeBytes: number; repository: string } {
  const own = remote.documents.at(-1);
  return { digest: remote.manifestDigest, mediaType: own?.mediaType ?? "", sizeBytes: own?.bytes.length ?? 0, repository: repositoryOf(client) };
}

function repositoryOf(client: RepositoryClient): string {
  return `${client.registry}/${client.path}`;
}

/** Where a layer's compressed form is: a push may mount it from there, and makes no other. */
function rememberSources(tx: Writer, diffs: readonly DiffRow[], descriptors: readonly Descriptor[], repository: string): void {
  for (const [index, { diffId }] of diffs.entries()) {
    const [row, descriptor] = [tx.diffs.find(diffId), descriptors[index]];
    if (row === undefined || descriptor === undefined) continue;
    const others = row.sources.filter((source) => source.digest !== descriptor.digest || source.repository !== repository);
    tx.diffs.put({ ...row, sources: [...others, { digest: descriptor.digest, mediaType: descriptor.mediaType, sizeBytes: descriptor.size, repository }] });
  }
}

/** By tag, it gets the tag and the digest; by digest, that alone. False if both stood so already. */
function nameImage(tx: Writer, { engine, request }: Pull, { reference, remote, imageId }: { reference: Reference; remote: RemoteImage; imageId: ImageRow["id"] }): boolean {
  const { repository, tag, digest } = reference;
  const names = [...(digest === undefined && tag !== undefined ? [`${repository}:${tag}`] : []), `${repository}@${remote.digest}`];
  let isChanged = false;
  for (const name of names) {
    const known = tx.refs.find(name)?.imageId;
    const isAside = name.includes("@") && digest === undefined;
    // a digest that was heard of with a tag stays with the platform that it was first heard of for
    if (known === imageId || (known !== undefined && isAside)) continue;
    // an image that is known under its tag is up to date even if its digest is heard for the first time
    isChanged ||= !isAside;
    setReference(tx, engine.events, { name, imageId, nowMs: engine.clock.nowMs(), by: request.actor, announce: false });
  }
  return isChanged;
}

/** What the registry client knows besides stays here: it is not for the client. */
function inDockersWords(error: unknown, reference: Reference): unknown {
  if (!(error instanceof EngineError)) return error;
  const { code: known, bare = false, first: text = messageOf(error) } = error.detail as { code?: string; bare?: boolean; first?: string };
  const code = bare ? undefined : known;
  const name = familiarRepository(reference.repository);
  if (code === "MANIFEST_UNKNOWN") return notFound(`manifest for ${shownName(reference)} not found: ${text}`, {}, error);
  if (code === "NAME_UNKNOWN") return notFound(`repository ${name} not found: ${text}`, {}, error);
  if (code === "DENIED") return notFound(`pull access denied for ${name}, repository does not exist or may require 'docker login': ${text}`, {}, error);
  return "retry" in error.detail || "status" in error.detail ? new EngineError(error.kind, text, {}, error) : error;
}
