// Image names, digests and ids: parse, complete, shorten. The grammar of the distribution project's references.
import { invalid } from "../base/errors.ts";

const DEFAULT_DOMAIN = "docker.io";
const DEFAULT_TAG = "latest";
const MAX_NAME_LENGTH = 255;

const LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const HOST = `(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])`;
const DOMAIN = `${HOST}(?::[0-9]+)?`;
const COMPONENT = "[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*";
const PATH = `${COMPONENT}(?:/${COMPONENT})*`;
const TAG = "[\\w][\\w.-]{0,127}";
const DIGEST = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
const REFERENCE = new RegExp(`^(?:(${DOMAIN})/)?(${PATH})(?::(${TAG}))?(?:@(${DIGEST}))?$`);
const HEX_LENGTH: Record<string, number> = { sha256: 64, sha384: 96, sha512: 128 };

export interface Reference {
  /** docker.io, localhost:5000 */
  domain: string;
  /** library/busybox */
  path: string;
  /** Canonical: docker.io/library/busybox */
  repository: string;
  tag?: string;
  digest?: string;
}

/** The name a person typed, completed by registry and namespace; throws `invalid` in Docker's words. */
export function parseReference(text: string): Reference {
  if (/^[a-f0-9]{64}$/.test(text)) throw invalid(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  const { domain, rest } = splitDomain(text);
  const colon = rest.indexOf(":");
  const path = colon === -1 ? rest : rest.slice(0, colon);
  if (path.toLowerCase() !== path) throw invalid(`invalid reference format: repository name (${path}) must be lowercase`);
  return parseFull(`${domain}/${rest}`);
}

function splitDomain(text: string): { domain: string; rest: string } {
  const slash = text.indexOf("/");
  const first = text.slice(0, Math.max(slash, 0));
  const isDomain = slash !== -1 && (/[.:]/.test(first) || first === "localhost" || first.toLowerCase() !== first);
  let domain = isDomain ? first : DEFAULT_DOMAIN;
  const rest = isDomain ? text.slice(slash + 1) : text;
  if (domain === "index.docker.io") domain = DEFAULT_DOMAIN;
  return { domain, rest: domain === DEFAULT_DOMAIN && !rest.includes("/") ? `library/${rest}` : rest };
}

function parseFull(text: string): Reference {
  const match = REFERENCE.exec(text);
  if (match === null) {
    throw invalid(REFERENCE.test(text.toLowerCase()) ? "invalid reference format: repository name must be lowercase" : "invalid reference format");
  }
  const [, domain, path, tag, digest] = match as unknown as [string, string, string, string | undefined, string | undefined];
  if (path.length > MAX_NAME_LENGTH) throw invalid(`repository name must not be more than ${MAX_NAME_LENGTH} characters`);
  if (digest !== undefined) checkDigest(digest);
  return { domain, path, repository: `${domain}/${path}`, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

function checkDigest(digest: string): void {
  const colon = digest.indexOf(":");
  const expected = HEX_LENGTH[digest.slice(0, colon)];
  if (expected === undefined) throw invalid("unsupported digest algorithm");
  const hex = digest.slice(colon + 1);
  if (hex.length !== expected) throw invalid("invalid checksum digest length");
  if (!/^[a-f0-9]+$/.test(hex)) throw invalid("invalid checksum digest format");
}

/** `latest` where neither tag nor digest is given. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: DEFAULT_TAG } : reference;
}

/** The full name as the store keeps it: a digest wins over a tag. */
export function canonicalName(reference: Reference): string {
  if (reference.digest !== undefined) return `${reference.repository}@${reference.digest}`;
  return reference.tag === undefined ? reference.repository : `${reference.repository}:${reference.tag}`;
}

/** docker.io/library/busybox:1.36 → busybox:1.36 */
export function familiarName(canonical: string): string {
  const end = endOfRepository(canonical);
  return familiarRepository(canonical.slice(0, end)) + canonical.slice(end);
}

function endOfRepository(name: string): number {
  const at = name.indexOf("@");
  const beforeDigest = at === -1 ? name.length : at;
  const colon = name.lastIndexOf(":", beforeDigest - 1);
  return colon > name.lastIndexOf("/", beforeDigest) ? colon : beforeDigest;
}

/** docker.io/library/busybox → busybox */
export function familiarRepository(repository: string): string {
  if (!repository.startsWith(`${DEFAULT_DOMAIN}/`)) return repository;
  const path = repository.slice(DEFAULT_DOMAIN.length + 1);
  return /^library\/[^/]+$/.test(path) ? path.slice("library/".length) : path;
}

/** Could be the beginning of an id. */
export function isIdPrefix(text: string): boolean {
  return /^(?:sha256:)?[a-f0-9]{1,64}$/.test(text);
}

/** 12 hex digits, without sha256: */
export function shortId(id: string): string {
  return (id.startsWith("sha256:") ? id.slice("sha256:".length) : id).slice(0, 12);
}

export function isDigest(text: string): boolean {
  return /^sha256:[a-f0-9]{64}$/.test(text);
}
