// GET /distribution/{name}/json: what a registry has under a name, without pulling it.
import { EngineError } from "../../base/errors.ts";
import type { AuthConfig } from "../../registry/registry.ts";
import type { Descriptor, Platform } from "../../wire/oci.ts";
import { parseReference, withDefaultTag } from "../../wire/reference.ts";
import type { Engine } from "../engine.ts";
import { openDocument } from "./manifest-document.ts";
import { fetchConfig } from "./pull-manifest.ts";

export async function inspectDistribution({ registry }: Pick<Engine, "registry">, name: string, auth: AuthConfig | undefined, signal = new AbortController().signal): Promise<{ Descriptor: Descriptor; Platforms: Platform[] }> {
  const reference = withDefaultTag(parseReference(name));
  const client = registry.repository(reference.repository, auth, "pull");
  try {
    const found = await client.manifest(reference.digest ?? reference.tag ?? "latest", signal);
    const document = openDocument(found);
    const descriptor: Descriptor = { mediaType: found.mediaType, digest: found.digest, size: found.bytes.length };
    if (document.kind === "index") return { Descriptor: descriptor, Platforms: document.index.manifests.flatMap(({ platform }) => (platform === undefined ? [] : [inOrder(platform)])) };
    if (document.kind === "schema1") return { Descriptor: descriptor, Platforms: [] };
    const { config } = await fetchConfig(client, document.manifest.config, signal);
    return { Descriptor: descriptor, Platforms: [inOrder({ architecture: config.architecture, os: config.os, ...(config.variant === undefined ? {} : { variant: config.variant }) })] };
  } catch (error) {
    // what the registry client knows besides is not for the client
    throw error instanceof EngineError ? new EngineError(error.kind, error.message, {}, error) : error;
  }
}

function inOrder({ architecture, os, ...rest }: Platform): Platform {
  return { architecture, os, ...rest };
}
