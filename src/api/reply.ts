// What a handler answers, as a value: the server writes it, tests look at it.
import type { ProgressSink } from "../wire/progress.ts";
import type { StreamSession } from "../engine/container/stream-session.ts";

type Headers = Readonly<Record<string, string>>;

export type Reply =
  | { kind: "json"; status: number; body: unknown; headers?: Headers }
  | { kind: "text"; status: number; body: string; headers?: Headers }
  | { kind: "empty"; status: number; headers?: Headers }
  /** Headers at once, the body when it is there. */
  | { kind: "late"; status: number; body: Promise<unknown>; headers?: Headers }
  /** Pieces as they come; `eager`: headers go before the first one. */
  | { kind: "stream"; status: number; contentType: string; pieces: AsyncIterable<Uint8Array | string>; eager?: boolean; headers?: Headers }
  /** JSON lines; an error before the first is a plain one, later (or with `errorsInBand`) it travels in the stream. */
  | { kind: "progress"; run: (sink: ProgressSink) => Promise<void>; errorsInBand?: boolean }
  /** The connection becomes the container's streams; `isBare`: without the headers that every answer has. */
  | { kind: "hijack"; session: StreamSession; contentType: string; isBare?: boolean }
  | { kind: "websocket"; session: StreamSession };

export const json = (body: unknown, status = 200, headers?: Headers): Reply => ({ kind: "json", status, body, ...(headers === undefined ? {} : { headers }) });
export const empty = (status = 204, headers?: Headers): Reply => ({ kind: "empty", status, ...(headers === undefined ? {} : { headers }) });
export const created = (body: unknown): Reply => json(body, 201);
export const progress = (run: (sink: ProgressSink) => Promise<void>): Reply => ({ kind: "progress", run });

/** One JSON text per line. */
export async function* jsonLines(items: AsyncIterable<unknown>, end = "\n"): AsyncGenerator<string> {
  for await (const item of items) yield JSON.stringify(item) + end;
}
