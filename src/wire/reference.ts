// Image names, digests and ids: parse, complete, shorten. Grammar and texts: distribution/reference as Docker uses it.
import { invalid } from "../base/errors.ts";
import type { Digest } from "./oci.ts";

/** `repository` is canonical: docker.io/library/busybox. */
export interface Reference {
  domain: string;
  path: string;
  repository: string;
  tag?: string;
  digest?: Digest;
}

const DEFAULT_DOMAIN = "docker.io";
const LEGACY_DOMAIN = "index.docker.io";
const OFFICIAL = "library/";
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const DOMAIN = /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$/;
const TAG = /^[\w][\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const SHA256 = /^sha256:[0-9a-f]{64}$/;
const MAX_NAME = 255;

export function isDigest(text: string): text is Digest {
  return SHA256.test(text);
}

/** 1 to 64 hex digits, with or without `sha256:`. */
export function isIdPrefix(text: string): boolean {
  return /^(?:sha256:)?[0-9a-f]{1,64}$/.test(text);
}

/** 12 hex digits, `sha256:` stripped. */
export function shortId(id: string): string {
  return id.slice(id.indexOf(":") + 1).slice(0, 12);
}

/** A name as people type it; `invalid` in Docker's words. A bare 64-digit id is no name. */
export function parseReference(text: string): Reference {
  if (text === "") throw invalid("invalid reference format: repository name must have at least one component");
  if (/^[0-9a-f]{64}$/.test(text)) throw invalid(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  const { name, tag, digest } = splitName(text);
  const { domain, path } = splitDomain(name);
  if (path.toLowerCase() !== path) {
    throw invalid(`invalid reference format: repository name (${familiar(domain, path)}) must be lowercase`);
  }
  if (!DOMAIN.test(domain) || path === "" || !path.split("/").every((part) => COMPONENT.test(part))) throw invalid("invalid reference format");
  if (tag !== undefined && !TAG.test(tag)) throw invalid("invalid reference format");
  if (digest !== undefined && !isDigest(digest)) throw invalid(digestFault(digest));
  const repository = `${domain}/${path}`;
  if (repository.length > MAX_NAME) throw invalid(`invalid reference format: repository name must not be more than ${MAX_NAME} characters`);
  return {
    domain,
    path,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest: digest as Digest }),
  };
}

/** `latest` where neither tag nor digest is given. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: "latest" } : reference;
}

/** Full name, with the digest rather than the tag where both are given. */
export function canonicalName(reference: Reference): string {
  if (reference.digest !== undefined) return `${reference.repository}@${reference.digest}`;
  return reference.tag === undefined ? reference.repository : `${reference.repository}:${reference.tag}`;
}

/** A canonical name as people know it: `docker.io/library/busybox:1` → `busybox:1`. */
export function familiarName(canonical: string): string {
  if (!canonical.startsWith(`${DEFAULT_DOMAIN}/`)) return canonical;
  const rest = canonical.slice(DEFAULT_DOMAIN.length + 1);
  const short = rest.startsWith(OFFICIAL) ? rest.slice(OFFICIAL.length) : rest;
  return short.includes("/") && rest.startsWith(OFFICIAL) ? rest : short;
}

export function familiarRepository(repository: string): string {
  return familiarName(repository);
}

function splitName(text: string): { name: string; tag?: string; digest?: string } {
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  return {
    name: hasTag ? named.slice(0, colon) : named,
    ...(hasTag ? { tag: named.slice(colon + 1) } : {}),
    ...(digest === undefined ? {} : { digest }),
  };
}

function splitDomain(name: string): { domain: string; path: string } {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const isDomain = slash >= 0 && (/[.:]/.test(first) || first === "localhost" || first.toLowerCase() !== first);
  const domain = isDomain ? (first === LEGACY_DOMAIN ? DEFAULT_DOMAIN : first) : DEFAULT_DOMAIN;
  const rest = isDomain ? name.slice(slash + 1) : name;
  const path = domain === DEFAULT_DOMAIN && !rest.includes("/") ? OFFICIAL + rest : rest;
  return { domain, path: rest === "" ? "" : path };
}

function familiar(domain: string, path: string): string {
  return familiarName(`${domain}/${path}`);
}

function digestFault(digest: string): string {
  if (!DIGEST.test(digest)) return "invalid reference format";
  const algorithm = digest.slice(0, digest.indexOf(":"));
  return algorithm === "sha256" || algorithm === "sha512" || algorithm === "sha384" ? "invalid checksum digest length" : "unsupported digest algorithm";
}
