// One repository at one registry, for the length of one operation: which endpoint answers, and the requests themselves.
import { createHash } from "node:crypto";
import type { Log } from "../base/log.ts";
import type { Descriptor, Digest } from "../wire/oci.ts";
import { MEDIA } from "../wire/oci.ts";
import { download } from "./download.ts";
import type { Endpoint } from "./endpoint.ts";
import { failure, failureDetail } from "./failure.ts";
import type { AuthConfig, BlobOptions, FetchedManifest, RepositoryClient, UploadOptions } from "./registry.ts";
import type { Reply } from "./reply.ts";
import { withRetry, type RetryPolicy } from "./retry.ts";
import { Session } from "./session.ts";
import type { Timeouts } from "./timeouts.ts";
import type { Transport } from "./transport.ts";
import { jsonProblem } from "../wire/json-problem.ts";
import { upload } from "./upload.ts";

export interface RepositoryOptions {
  registry: string;
  path: string;
  auth: AuthConfig | undefined;
  access: "pull" | "push,pull";
  endpoints: () => Promise<Endpoint[]>;
  transport: Transport;
  timeouts: Timeouts;
  policy: RetryPolicy;
  userAgent: string;
  log: Log;
}

const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;
const MAX_TAGS_BYTES = 16 * 1024 * 1024;
const MAX_TAG_PAGES = 10_000;
const NO_TAGS = "the registry sent no list of tags";
const ACCEPT = [MEDIA.ociIndex, MEDIA.dockerList, MEDIA.ociManifest, MEDIA.dockerManifest, MEDIA.dockerSchema1Signed, MEDIA.dockerSchema1, "application/json"].join(", ");

export class Repository implements RepositoryClient {
  readonly registry: string;
  readonly path: string;
  private index = 0;
  private current: Promise<Session> | undefined;

  constructor(private readonly options: RepositoryOptions) {
    this.registry = options.registry;
    this.path = options.path;
  }

  async reach(signal?: AbortSignal): Promise<void> {
    await this.session(signal);
  }

  manifest(reference: string, signal?: AbortSignal): Promise<FetchedManifest> {
    return this.asking(signal, async (session) => {
      const reply = await session.call("GET", this.at("manifests", reference), { headers: { accept: ACCEPT }, signal, ...(reference.includes(":") ? {} : { toldAs: "HEAD" }) });
      const bytes = await reply.bytes(MAX_MANIFEST_BYTES, `manifest ${reference}`);
      const digest: Digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
      const wanted = isDigest(reference) ? reference : undefined;
      const mediaType = mediaTypeOf(reply.headers["content-type"], bytes);
      // of schema 1 it is the digest of what was signed
      const isSigned = mediaType === MEDIA.dockerSchema1 || mediaType === MEDIA.dockerSchema1Signed;
      const promised = wanted ?? (isSigned ? undefined : reply.headers["docker-content-digest"]);
      if (typeof promised === "string" && isDigest(promised) && promised !== digest) throw failure(`manifest verification failed for digest ${promised}`);
      return { bytes, digest, mediaType };
    });
  }

  headManifest(reference: string, signal?: AbortSignal): Promise<{ digest: Digest; mediaType: string; sizeBytes: number } | undefined> {
    return this.asking(signal, async (session) => {
      const reply = await session.call("HEAD", this.at("manifests", reference), { headers: { accept: ACCEPT }, signal, accept: [400, 401, 403, 404, 405] });
      reply.discard();
      const digest = reply.headers["docker-content-digest"];
      const sizeBytes = Number(reply.headers["content-length"]);
      // a body says why, and there is none here: the GET that follows tells
      if (reply.status >= 300 || typeof digest !== "string" || !isDigest(digest) || !(sizeBytes > 0)) return undefined;
      return { digest, mediaType: mediaTypeOf(reply.headers["content-type"], undefined), sizeBytes };
    });
  }

  tags(signal?: AbortSignal): Promise<string[]> {
    return this.asking(signal, async (session) => {
      const tags = new Set<string>();
      let next: string | URL | undefined = this.at("tags", "list");
      for (let page = 0; next !== undefined && page < MAX_TAG_PAGES; page++) {
        const reply = await session.call("GET", next, { signal });
        const known = tags.size;
        for (const tag of parseTags(await reply.bytes(MAX_TAGS_BYTES, "list of tags"))) tags.add(tag);
        const link = /^\s*<([^>]*)>\s*;.*rel="?next"?/i.exec(headerText(reply.headers.link))?.[1];
        // a page that brings nothing new is the last, whatever it says
        next = link === undefined || tags.size === known ? undefined : session.resolve(link, reply.url);
      }
      return [...tags];
    });
  }

  async *blob(descriptor: Descriptor, options: BlobOptions): AsyncIterable<Uint8Array> {
    const open = async (offset: number): Promise<Reply> => {
      const headers: Record<string, string> = { "accept-encoding": "identity", ...(offset > 0 ? { range: `bytes=${offset}-` } : {}) };
      const call = { headers, signal: options.signal, verifiable: true, bare: true };
      try {
        return await this.falling(options.signal, (session) => session.call("GET", this.at("blobs", descriptor.digest), call));
      } catch (error) {
        throw failureDetail(error).status === 404 ? failure("unknown blob", { status: 404 }, error) : error;
      }
    };
    yield* download(descriptor, open, this.options.policy, options);
  }

  hasBlob(digest: Digest, signal?: AbortSignal): Promise<boolean> {
    return this.asking(signal, async (session) => {
      const reply = await session.call("HEAD", this.at("blobs", digest), { signal, accept: [404] });
      reply.discard();
      return reply.status !== 404;
    });
  }

  mountBlob(digest: Digest, from: string, signal?: AbortSignal): Promise<boolean> {
    return this.asking(signal, async (session) => {
      session.authorizer.addScope(`repository:${from}:pull`);
      const query = new URLSearchParams({ mount: digest, from });
      const reply = await session.call("POST", `/v2/${this.path}/blobs/uploads/?${query.toString()}`, { signal, accept: [400, 401, 403, 404, 405] });
      reply.discard();
      // 202: the registry opened an upload instead; it is left to expire
      if (reply.status === 202 && reply.headers.location !== undefined) await this.cancelUpload(session, session.resolve(reply.headers.location, reply.url), signal);
      return reply.status === 201;
    });
  }

  async pushBlob(
    descriptor: { digest?: Digest; size?: number },
    open: () => AsyncIterable<Uint8Array>,
    options: UploadOptions,
  ): Promise<{ digest: Digest; size: number }> {
    const session = await this.session(options.signal);
    return upload({ session, path: this.path, digest: descriptor.digest, sizeBytes: descriptor.size, open, ...options }, this.options.policy, this.options.timeouts);
  }

  pushManifest(reference: string, bytes: Uint8Array, mediaType: string, signal?: AbortSignal): Promise<Digest> {
    return this.asking(signal, async (session) => {
      const body = { sizeBytes: bytes.length, open: () => once(bytes) };
      const reply = await session.call("PUT", this.at("manifests", reference), { headers: { "content-type": mediaType }, body, signal, headersMs: this.options.timeouts.commitMs });
      reply.discard();
      return `sha256:${createHash("sha256").update(bytes).digest("hex")}` as Digest;
    });
  }

  private at(kind: string, rest: string): string {
    return `/v2/${this.path}/${kind}/${rest}`;
  }

  private async cancelUpload(session: Session, url: URL, signal?: AbortSignal): Promise<void> {
    try {
      (await session.call("DELETE", url, { signal })).discard();
    } catch (error) {
      this.options.log.debug("the registry keeps an upload that was not wanted", { error });
    }
  }

  /** Small requests are tried again on their own. */
  private asking<T>(signal: AbortSignal | undefined, work: (session: Session) => Promise<T>): Promise<T> {
    const { attempts, backoffMs } = this.options.policy;
    return this.falling(signal, (session) => withRetry({ attempts: Math.min(attempts, 3), backoffMs: backoffMs / 4 }, signal, () => work(session)));
  }

  /** A mirror that fails is left for the next endpoint. */
  private async falling<T>(signal: AbortSignal | undefined, work: (session: Session) => Promise<T>): Promise<T> {
    for (;;) {
      const used = this.session(signal);
      const session = await used;
      try {
        return await work(session);
      } catch (error) {
        if (!session.endpoint.mirror || signal?.aborted === true) throw error;
        this.options.log.info("mirror failed, going on with the next endpoint", { mirror: session.endpoint.base, error: (error as Error).message });
        if (this.current === used) {
          this.index++;
          this.current = undefined;
        }
      }
    }
  }

  private session(signal?: AbortSignal): Promise<Session> {
    if (this.current === undefined) {
      const opening = this.connect(signal);
      this.current = opening;
      opening.catch(() => {
        if (this.current === opening) this.current = undefined;
      });
    }
    return this.current;
  }

  /** The first endpoint from `index` on that answers. */
  private async connect(signal?: AbortSignal): Promise<Session> {
    const { auth, userAgent, path, access, transport } = this.options;
    const endpoints = await this.options.endpoints();
    for (let last: unknown; ; this.index++) {
      const endpoint = endpoints[this.index];
      if (endpoint === undefined) {
        this.index = 0;
        throw last ?? failure(`no endpoints found for ${this.registry}/${path}`);
      }
      // credentials of the registry are none of a mirror's business
      const session = new Session(transport, endpoint, { auth: endpoint.mirror ? undefined : auth, scope: `repository:${path}:${access}`, userAgent });
      try {
        (await session.ping(signal)).discard();
        return session;
      } catch (error) {
        if (signal?.aborted === true || failureDetail(error).status !== undefined) throw error;
        last = error;
      }
    }
  }
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

export function isDigest(text: string): text is Digest {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

function headerText(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join(",") : (value ?? "");
}

/** Registries that do not care send application/json or text/plain: then the manifest says itself what it is. */
function mediaTypeOf(header: string | undefined, bytes: Uint8Array | undefined): string {
  const named = (header ?? "").split(";")[0]?.trim() ?? "";
  if (Object.values(MEDIA).includes(named as (typeof MEDIA)[keyof typeof MEDIA]) || bytes === undefined) return named;
  try {
    const { mediaType, schemaVersion, manifests } = JSON.parse(Buffer.from(bytes).toString("utf8")) as { mediaType?: string; schemaVersion?: number; manifests?: unknown };
    if (typeof mediaType === "string") return mediaType;
    if (schemaVersion === 1) return MEDIA.dockerSchema1Signed;
    return manifests === undefined ? MEDIA.ociManifest : MEDIA.ociIndex;
  } catch {
    return named;
  }
}

function parseTags(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes).toString("utf8");
  try {
    const { tags } = JSON.parse(text) as { tags?: unknown };
    if (Array.isArray(tags)) return tags.filter((tag): tag is string => typeof tag === "string");
    if (tags === null || tags === undefined) return [];
  } catch {
    throw failure(jsonProblem(text) ?? NO_TAGS);
  }
  throw failure(NO_TAGS);
}
