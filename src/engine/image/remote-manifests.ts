// GET /berth/v1/manifests/{name}: the very manifests that a registry has under a name, for `manifest inspect`.
import { EngineError } from "../../base/errors.ts";
import type { AuthConfig, FetchedManifest, RepositoryClient } from "../../registry/registry.ts";
import { type Descriptor, type Manifest, MEDIA, type Platform } from "../../wire/oci.ts";
import { parseReference, withDefaultTag } from "../../wire/reference.ts";
import type { Engine } from "../engine.ts";
import { openDocument } from "./manifest-document.ts";
import { fetchConfig } from "./pull-manifest.ts";

export interface RemoteManifests {
  /** Several platforms: then they are the index's, in its order. */
  List: boolean;
  Manifests: { Descriptor: Descriptor; /** base64 */ Raw: string }[];
}

export async function readRemoteManifests({ registry }: Pick<Engine, "registry">, name: string, auth: AuthConfig | undefined, signal: AbortSignal): Promise<RemoteManifests> {
  const reference = withDefaultTag(parseReference(name));
  const client = registry.repository(reference.repository, auth, "pull");
  try {
    const top = await client.manifest(reference.digest ?? reference.tag ?? "latest", signal);
    const document = openDocument(top);
    if (document.kind !== "index") return { List: false, Manifests: [told(top, document.kind === "schema1" ? undefined : await platformOf(client, document.manifest, signal))] };
    const found: RemoteManifests = { List: true, Manifests: [] };
    for (const { digest, platform } of document.index.manifests) found.Manifests.push(told(await client.manifest(digest, signal), platform));
    return found;
  } catch (error) {
    // what the registry client knows besides is not for the client
    throw error instanceof EngineError ? new EngineError(error.kind, error.message, {}, error) : error;
  }
}

function told({ mediaType, digest, bytes }: FetchedManifest, platform: Platform | undefined): RemoteManifests["Manifests"][number] {
  return { Descriptor: { mediaType, digest, size: bytes.length, ...(platform === undefined ? {} : { platform }) }, Raw: Buffer.from(bytes).toString("base64") };
}

/** Undefined for what is no image. */
async function platformOf(client: RepositoryClient, { config }: Manifest, signal: AbortSignal): Promise<Platform | undefined> {
  if (config.mediaType !== MEDIA.dockerConfig && config.mediaType !== MEDIA.ociConfig) return undefined;
  const { architecture, os, variant } = (await fetchConfig(client, config, signal)).config;
  return { architecture, os, ...(variant === undefined ? {} : { variant }) };
}
