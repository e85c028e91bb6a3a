// A blob's bytes: taken up where they were cut, by range, as long as there is progress.
import { failure, failureDetail } from "./failure.ts";
import type { Reply } from "./reply.ts";
import { mayRetry, pause, pauseMs, type RetryPolicy } from "./retry.ts";
import type { Descriptor } from "../wire/oci.ts";

export interface DownloadOptions {
  signal?: AbortSignal | undefined;
  onRetry?: ((inSeconds: number) => void) | undefined;
}

/** Asks for the blob from `offset`; 200 or 206. */
export type OpenBlob = (offset: number) => Promise<Reply>;

export async function* download(descriptor: Descriptor, open: OpenBlob, policy: RetryPolicy, options: DownloadOptions): AsyncIterable<Uint8Array> {
  let offset = 0;
  let failures = 0;
  for (;;) {
    try {
      for await (const bytes of readFrom(descriptor, await open(offset), offset)) {
        offset += bytes.length;
        failures = 0;
        yield bytes;
      }
      if (offset === descriptor.size) return;
      throw failure("unexpected EOF", { retry: true });
    } catch (error) {
      options.signal?.throwIfAborted();
      failures++;
      if (failures >= policy.attempts || !mayRetry(error)) throw error;
      await pause(pauseMs(policy, failures, error), options.signal, options.onRetry);
    }
  }
}

async function* readFrom(descriptor: Descriptor, reply: Reply, offset: number): AsyncIterable<Uint8Array> {
  let skip = checkRange(descriptor, reply, offset);
  let left = descriptor.size - offset;
  for await (let bytes of reply.body()) {
    if (skip > 0) {
      const cut = Math.min(skip, bytes.length);
      skip -= cut;
      bytes = bytes.subarray(cut);
    }
    if (bytes.length > left) throw failure(`blob ${descriptor.digest} is larger than the ${descriptor.size} bytes of its manifest`);
    left -= bytes.length;
    if (bytes.length > 0) yield bytes;
  }
}

/** How much of the reply was had before: all before `offset` where the registry knows no ranges. */
function checkRange(descriptor: Descriptor, reply: Reply, offset: number): number {
  const begin = reply.status === 206 ? Number(/^bytes (\d+)-/.exec(reply.headers["content-range"] ?? "")?.[1] ?? offset) : 0;
  const length = reply.headers["content-length"];
  if (begin > offset || (length !== undefined && begin + Number(length) !== descriptor.size)) {
    reply.discard();
    throw failure(`blob ${descriptor.digest} has not the ${descriptor.size} bytes of its manifest`);
  }
  return offset - begin;
}

/** True for answers that another range or try will not change. */
export function isGone(error: unknown): boolean {
  const status = failureDetail(error).status;
  return status === 404 || status === 410;
}
