// `os[/arch[/variant]]` against an image's platform and the host's.
import { arch } from "node:os";
import { invalid, notFound } from "../../base/errors.ts";
import type { ImageRow } from "../../store/store.ts";

export interface PlatformChoice {
  os: string;
  architecture: string;
  variant: string;
}

const ALIASES: Readonly<Record<string, string>> = { x64: "amd64", x86_64: "amd64", "x86-64": "amd64", ia32: "386", i386: "386", i686: "386", aarch64: "arm64", armhf: "arm", armel: "arm", ppc64le: "ppc64le" };

export function hostArchitecture(): string {
  return ALIASES[arch()] ?? arch();
}

export function parsePlatform(text: string): PlatformChoice {
  const parts = text.split("/");
  if (parts.length > 3 || parts.some((part) => !/^[A-Za-z0-9_.-]+$/.test(part))) throw invalid(`${JSON.stringify(text)}: cannot parse platform specifier: invalid argument`);
  const [first = "", second, variant = ""] = parts.map((part) => part.toLowerCase());
  if (second === undefined && (Object.hasOwn(ALIASES, first) || ["amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64"].includes(first))) {
    return { os: "linux", architecture: ALIASES[first] ?? first, variant: "" };
  }
  const architecture = second === undefined ? hostArchitecture() : (ALIASES[second] ?? second);
  return { os: first === "macos" ? "darwin" : first, architecture, variant };
}

/** `not_found` if the image is of another platform than was asked for. */
export function checkPlatform(reference: string, image: Pick<ImageRow, "os" | "architecture" | "variant">, wanted: PlatformChoice): void {
  const variant = wanted.variant === "" || wanted.variant === (image.variant ?? "") || (wanted.architecture === "arm64" && wanted.variant === "v8");
  if (wanted.os === image.os && wanted.architecture === image.architecture && variant) return;
  throw notFound(`image with reference ${reference} was found but its platform (${formatPlatform(image)}) does not match the specified platform (${formatPlatform(wanted)})`);
}

/** A warning if nothing was asked for and the image is not made for this host. */
export function platformWarning(image: Pick<ImageRow, "os" | "architecture" | "variant">): string | undefined {
  const host = { os: "linux", architecture: hostArchitecture() };
  if (image.os === host.os && image.architecture === host.architecture) return undefined;
  return `The requested image's platform (${formatPlatform(image)}) does not match the detected host platform (${formatPlatform(host)}) and no specific platform was requested`;
}

function formatPlatform({ os, architecture, variant }: { os: string; architecture: string; variant?: string }): string {
  return [os, architecture, variant ?? ""].filter((part) => part !== "").join("/");
}
