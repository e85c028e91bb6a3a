// GET /distribution/{name}/json: what a registry has under a name, without pulling it.
import { notImplemented } from "../../base/errors.ts";
import type { AuthConfig } from "../../registry/registry.ts";
import type { Descriptor, Platform } from "../../wire/oci.ts";
import type { Engine } from "../engine.ts";

export async function inspectDistribution(_engine: Pick<Engine, "registry">, _name: string, _auth: AuthConfig | undefined, _signal?: AbortSignal): Promise<{ Descriptor: Descriptor; Platforms: Platform[] }> {
  throw notImplemented("distribution inspect is not implemented yet");
}
