// Platforms: the host's, as people write them, and which of an index's entries fits.
import { arch } from "node:os";
import { invalid, notFound } from "../../base/errors.ts";
import type { Descriptor, Platform } from "../../wire/oci.ts";
import { architectureOf, architectureOfNode, KNOWN_ARCHITECTURES, KNOWN_SYSTEMS } from "../../wire/platform.ts";

export function hostPlatform(): Platform {
  const architecture = architectureOfNode(arch());
  return { os: "linux", architecture, ...(architecture === "arm64" ? { variant: "v8" } : architecture === "arm" ? { variant: "v7" } : {}) };
}

/** `linux/arm/v7`, `linux`, `arm64`. `invalid` in containerd's words. */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split("/");
  checkSpecifier(text);
  const host = hostPlatform();
  const [first = "", second, variant] = parts;
  if (second === undefined) {
    if (KNOWN_SYSTEMS.has(first)) return { ...host, os: first };
    if (!KNOWN_ARCHITECTURES.has(architectureOf(first))) throw invalid(`${JSON.stringify(text)}: unknown operating system or architecture: invalid argument`);
    return normal({ os: "linux", architecture: first });
  }
  return normal({ os: first, architecture: second, ...(variant === undefined ? {} : { variant }) });
}

function checkSpecifier(text: string): void {
  const [os = "", architecture, variant, ...rest] = text.split("/");
  const quoted = JSON.stringify(text);
  if (text.includes("*")) throw invalid(`${quoted}: wildcards not yet supported: invalid argument`);
  const parts = [os, architecture, variant, rest.length === 0 ? undefined : rest.join("/")].filter((part) => part !== undefined);
  const bad = parts.find((part) => !/^[A-Za-z0-9_.-]+$/.test(part));
  if (bad !== undefined) throw invalid(`${JSON.stringify(bad)} is an invalid component of ${quoted}: platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument`);
  if (parts.length > 3) throw invalid(`${quoted}: cannot parse platform specifier: invalid argument`);
}

function normal(platform: Platform): Platform {
  const architecture = architectureOf(platform.architecture);
  if (architecture === "arm64" && platform.variant === "v8") return { os: platform.os, architecture };
  if (architecture === "arm" && platform.variant === undefined) return { ...platform, architecture, variant: "v7" };
  return { ...platform, architecture };
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined || variant === "" ? [] : [variant])].join("/");
}

/** True if what is offered runs where `wanted` is asked for. */
export function platformFits(offered: Platform, wanted: Platform): boolean {
  const [a, b] = [normal(offered), normal(wanted)];
  if (a.os !== b.os || a.architecture !== b.architecture) return false;
  if (a.architecture === "arm") return Number(a.variant?.slice(1) ?? 7) <= Number(b.variant?.slice(1) ?? 7);
  return a.variant === b.variant || a.variant === undefined || b.variant === undefined;
}

/** Archives are asked for a platform, not for what runs on it. */
export function samePlatform(one: Platform, other: Platform): boolean {
  return formatPlatform(normal(one)) === formatPlatform(normal(other));
}

/** An image here is of one platform: one that is asked for is it or is not there. */
export function assertPlatform(image: Platform, name: string, wanted: Platform | undefined): void {
  if (wanted === undefined || platformFits(image, wanted)) return;
  throw notFound(`image with reference ${name} was found but its platform (${formatPlatform(image)}) does not match the specified platform (${formatPlatform(wanted)})`);
}

/** The best of an index's manifests: the same variant before older ones; attestations are none. */
export function chooseManifest(manifests: readonly Descriptor[], wanted: Platform): Descriptor | undefined {
  const fitting = manifests.filter(({ platform, annotations }) => annotations?.["vnd.docker.reference.type"] === undefined && (platform === undefined || platformFits(platform, wanted)));
  const variant = normal(wanted).variant;
  return fitting.find(({ platform }) => platform !== undefined && normal(platform).variant === variant) ?? fitting.toSorted((a, b) => (b.platform?.variant ?? "").localeCompare(a.platform?.variant ?? ""))[0];
}
