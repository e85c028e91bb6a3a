// A blob up: POST opens an upload, PATCH sends the bytes, PUT closes it with the digest. What was cut is taken up where the registry has it.
import { createHash } from "node:crypto";
import { failure, failureDetail } from "./failure.ts";
import { mayRetry, pause, pauseMs, type RetryPolicy } from "./retry.ts";
import type { UploadOptions } from "./registry.ts";
import type { Session } from "./session.ts";
import type { Timeouts } from "./timeouts.ts";
import type { Digest } from "../wire/oci.ts";

export interface Upload {
  session: Session;
  /** Repository path. */
  path: string;
  digest?: Digest | undefined;
  sizeBytes?: number | undefined;
  open: () => AsyncIterable<Uint8Array>;
  signal?: AbortSignal | undefined;
  onProgress?: UploadOptions["onProgress"] | undefined;
  onRetry?: UploadOptions["onRetry"] | undefined;
}

/** Where the next bytes go. */
interface Place {
  url: URL;
  /** Bytes the registry has. */
  offset: number;
}

interface Sent {
  digest: Digest;
  size: number;
}

export async function upload(job: Upload, policy: RetryPolicy, timeouts: Timeouts): Promise<Sent> {
  let place: Place | undefined;
  let best = 0;
  let failures = 0;
  for (;;) {
    try {
      place ??= await begin(job);
      const sent = await send(job, place);
      return await commit(job, sent.place, sent, timeouts);
    } catch (error) {
      job.signal?.throwIfAborted();
      // the upload may be gone on the other side: then it is begun anew
      const lost = failureDetail(error).status === 404 || failureDetail(error).status === 416;
      if (++failures >= policy.attempts || !(mayRetry(error) || (lost && place !== undefined))) throw error;
      await pause(pauseMs(policy, failures, error), job.signal, job.onRetry);
      place = lost || place === undefined ? undefined : await resume(job, place);
      if (place !== undefined && place.offset > best) {
        best = place.offset;
        failures = 0;
      }
    }
  }
}

async function begin({ session, path, signal }: Upload): Promise<Place> {
  const reply = await session.call("POST", `/v2/${path}/blobs/uploads/`, { signal });
  reply.discard();
  return { url: session.resolve(reply.headers.location, reply.url), offset: 0 };
}

/** Undefined: nothing to take up. */
async function resume({ session, signal }: Upload, place: Place): Promise<Place | undefined> {
  try {
    const reply = await session.call("GET", place.url, { signal });
    reply.discard();
    const end = /^(?:bytes=)?0-(\d+)$/.exec(reply.headers.range ?? "")?.[1];
    const url = reply.headers.location === undefined ? place.url : session.resolve(reply.headers.location, reply.url);
    return end === undefined ? undefined : { url, offset: end === "0" ? 0 : Number(end) + 1 };
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

async function send(job: Upload, place: Place): Promise<Sent & { place: Place }> {
  const hash = createHash("sha256");
  let size = 0;
  const bytes = async function* (): AsyncIterable<Uint8Array> {
    size = 0;
    for await (const part of job.open()) {
      hash.update(part);
      const from = Math.max(0, place.offset - size);
      size += part.length;
      job.onProgress?.(size);
      if (from < part.length) yield from === 0 ? part : part.subarray(from);
    }
  };
  const headers: Record<string, string> = { "content-type": "application/octet-stream" };
  const left = job.sizeBytes === undefined ? undefined : job.sizeBytes - place.offset;
  if (place.offset > 0 && left !== undefined) headers["content-range"] = `${place.offset}-${place.offset + left - 1}`;
  const reply = await job.session.call("PATCH", place.url, { headers, body: { open: bytes, ...(left === undefined ? {} : { sizeBytes: left }) }, signal: job.signal });
  reply.discard();
  const digest: Digest = `sha256:${hash.digest("hex")}`;
  if ((job.digest !== undefined && job.digest !== digest) || (job.sizeBytes !== undefined && job.sizeBytes !== size)) throw failure(`content to push is not ${job.digest}`);
  return { digest, size, place: { url: job.session.resolve(reply.headers.location, reply.url), offset: size } };
}

async function commit({ session, signal }: Upload, place: Place, { digest, size }: Sent, timeouts: Timeouts): Promise<Sent> {
  const url = new URL(place.url);
  url.searchParams.set("digest", digest);
  const reply = await session.call("PUT", url, { signal, headersMs: timeouts.commitMs });
  reply.discard();
  return { digest, size };
}
