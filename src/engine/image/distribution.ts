// GET /distribution/{name}/json: what a registry has under a name, without pulling it.
import { EngineError, messageOf, notFound } from "../../base/errors.ts";
import type { AuthConfig } from "../../registry/registry.ts";
import type { Descriptor, Manifest, ManifestIndex, Platform } from "../../wire/oci.ts";
import { canonicalName, familiarName, familiarRepository, parseReference, withDefaultTag } from "../../wire/reference.ts";
import type { Engine } from "../engine.ts";
import { fetchConfig, isIndex } from "./pull-manifest.ts";

export async function inspectDistribution({ registry }: Pick<Engine, "registry">, name: string, auth: AuthConfig | undefined, signal = new AbortController().signal): Promise<{ Descriptor: Descriptor; Platforms: Platform[] }> {
  const reference = withDefaultTag(parseReference(name));
  const client = registry.repository(reference.repository, auth, "pull");
  try {
    const found = await client.manifest(reference.digest ?? reference.tag ?? "latest", signal);
    const body = JSON.parse(Buffer.from(found.bytes).toString("utf8")) as Partial<ManifestIndex & Manifest>;
    const descriptor: Descriptor = { mediaType: found.mediaType, digest: found.digest, size: found.bytes.length };
    if (isIndex(found)) return { Descriptor: descriptor, Platforms: (body.manifests ?? []).flatMap(({ platform }) => platform ?? []) };
    if (body.config === undefined) return { Descriptor: descriptor, Platforms: [] };
    const { config } = await fetchConfig(client, body.config, signal);
    const { architecture, os, variant } = config;
    return { Descriptor: descriptor, Platforms: [{ architecture, os, ...(variant === undefined ? {} : { variant }) }] };
  } catch (error) {
    const { code = "" } = error instanceof EngineError ? (error.detail as { code?: string }) : {};
    if (code === "MANIFEST_UNKNOWN") throw notFound(`manifest for ${familiarName(canonicalName(reference))} not found: ${messageOf(error)}`, {}, error);
    if (code === "NAME_UNKNOWN" || code === "DENIED") throw notFound(`pull access denied for ${familiarRepository(reference.repository)}, repository does not exist or may require authorization: ${messageOf(error)}`, {}, error);
    throw error;
  }
}
