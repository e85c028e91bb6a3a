// A blob's bytes: taken up where they were cut, by range, as long as there is progress.
import { EngineError } from "../base/errors.ts";
import { failure, failureDetail } from "./failure.ts";
import type { Reply } from "./reply.ts";
import { mayRetry, pause, pauseMs, type RetryPolicy } from "./retry.ts";
import type { Descriptor } from "../wire/oci.ts";

export interface DownloadOptions {
  signal?: AbortSignal | undefined;
  onRetry?: ((inSeconds: number) => void) | undefined;
  /** What the blob is, for errors. */
  what?: string | undefined;
}

/** Asks for the blob from `offset`; 200 or 206. */
export type OpenBlob = (offset: number) => Promise<Reply>;

export async function* download(descriptor: Descriptor, open: OpenBlob, policy: RetryPolicy, options: DownloadOptions): AsyncIterable<Uint8Array> {
  const source: Source = { descriptor, open, what: options.what ?? "filesystem layer", knowsRanges: true };
  let offset = 0;
  let failures = 0;
  for (;;) {
    try {
      for await (const bytes of readFrom(source, offset)) {
        offset += bytes.length;
        failures = 0;
        yield bytes;
      }
      if (offset === descriptor.size) return;
      // an end without a length: it may have been cut as well
      throw notVerified(source, { retry: true });
    } catch (error) {
      options.signal?.throwIfAborted();
      failures++;
      if (failures >= policy.attempts || !mayRetry(error)) throw counted(error, failures);
      await pause(pauseMs(policy, failures, error), options.signal, options.onRetry);
    }
  }
}

interface Source {
  descriptor: Descriptor;
  open: OpenBlob;
  what: string;
  /** False once the registry sent another part than the one asked for: then all is asked for. */
  knowsRanges: boolean;
}

async function* readFrom(source: Source, offset: number): AsyncIterable<Uint8Array> {
  const { size } = source.descriptor;
  const reply = await source.open(source.knowsRanges ? offset : 0);
  let skip = offset - beginOf(source, reply, offset);
  let left = size - offset;
  for await (let bytes of reply.body()) {
    if (skip > 0) {
      const cut = Math.min(skip, bytes.length);
      skip -= cut;
      bytes = bytes.subarray(cut);
    }
    if (bytes.length > left) throw notVerified(source);
    left -= bytes.length;
    if (bytes.length > 0) yield bytes;
  }
}

/** Which byte of the blob is the reply's first: 0 where the registry knows no ranges. */
function beginOf(source: Source, reply: Reply, offset: number): number {
  const begin = reply.status === 206 ? Number(/^bytes (\d+)-/.exec(reply.headers["content-range"] ?? "")?.[1] ?? offset) : 0;
  const length = reply.headers["content-length"];
  if (begin <= offset && (length === undefined || begin + Number(length) === source.descriptor.size)) return begin;
  reply.discard();
  const retry = reply.status === 206 && source.knowsRanges;
  source.knowsRanges = false;
  throw notVerified(source, { retry });
}

/** The length is a lie: the bytes cannot be those of the digest. */
function notVerified({ descriptor, what }: Source, detail: { retry?: boolean } = {}): EngineError {
  return failure(`${what} verification failed for digest ${descriptor.digest}`, detail);
}

function counted(error: unknown, attempts: number): unknown {
  return error instanceof EngineError ? new EngineError(error.kind, error.message, { ...failureDetail(error), attempts }, error.cause ?? error) : error;
}
