// One HTTP response: its body can be eaten once, as a stream that notices stalls, or whole within a limit.
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { EngineError, invalid } from "../base/errors.ts";
import { failure } from "./failure.ts";
import { connectionText, endsOf } from "./connection-text.ts";

export interface Reply {
  status: number;
  statusText: string;
  headers: IncomingHttpHeaders;
  /** Where it came from in the end, after redirects. */
  url: URL;
  method: string;
  body(): AsyncIterable<Uint8Array>;
  /** `invalid` if there is more than `maxBytes`. */
  bytes(maxBytes: number, what: string): Promise<Uint8Array>;
  /** Not interested in the body. */
  discard(): void;
}

/** Small rests are read so that the connection can be used again; more is cut. */
const DRAIN_BYTES = 64 * 1024;

export function openReply(message: IncomingMessage, url: URL, method: string, stallMs: number, signal?: AbortSignal): Reply {
  const stream = (): AsyncIterable<Uint8Array> => readBody(message, stallMs, signal);
  return {
    status: message.statusCode ?? 0,
    statusText: message.statusMessage ?? "",
    headers: message.headers,
    url,
    method,
    body: stream,
    async bytes(maxBytes, what) {
      const parts: Uint8Array[] = [];
      let size = 0;
      for await (const part of stream()) {
        size += part.length;
        if (size > maxBytes) {
          message.destroy();
          throw invalid(`${what} is larger than the limit of ${maxBytes} bytes`);
        }
        parts.push(part);
      }
      return Buffer.concat(parts);
    },
    discard() {
      const length = Number(message.headers["content-length"] ?? Number.NaN);
      message.on("error", () => undefined);
      if (method === "HEAD" || length <= DRAIN_BYTES) message.resume();
      else message.destroy();
    },
  };
}

async function* readBody(message: IncomingMessage, stallMs: number, signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
  const ends = endsOf(message.socket);
  const reader = message[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await orStalled(reader.next(), stallMs);
      if (done === true) return;
      yield value;
    }
  } catch (error) {
    if (signal?.aborted === true || error instanceof EngineError) throw error;
    throw failure(connectionText(error, ends), { retry: true }, error);
  } finally {
    message.on("error", () => undefined);
    if (!message.complete) message.destroy();
  }
}

/** Only waiting counts, not the time the eater takes. */
function orStalled<T>(next: Promise<T>, stallMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(failure(`no data received for ${Math.round(stallMs / 1000)} seconds`, { retry: true })), stallMs);
    next.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
