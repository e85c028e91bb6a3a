// GET /events: what happened since, and what happens from now on. The journal is durable, so a listener is a place in
// it: one that is slow falls behind but misses nothing, and one that was away goes on where it was.
import { internal, invalid } from "../../base/errors.ts";
import type { Actor, EventRow } from "../../store/store.ts";
import type { EventMessage } from "../../wire/docker.ts";
import type { Filters } from "../../wire/filters.ts";
import type { Engine } from "../engine.ts";
import { matchesEvent } from "./event-filter.ts";

export type EventParts = Pick<Engine, "store" | "events" | "clock">;

export interface EventStreamOptions {
  /** Unix seconds with or without a fraction, as the API takes them; undefined: only what comes. */
  since?: string;
  /** The stream ends then; at once if it is past. */
  until?: string;
  filters?: Filters;
  signal?: AbortSignal;
}

/** An event with its place in the journal and who caused it. */
export interface JournalEntry extends EventMessage {
  seq: number;
  by?: Actor;
}

const PORTION = 256;

/** Throws before the first event if the times make no sense. */
export function eventStream(engine: EventParts, options: EventStreamOptions): AsyncIterable<EventMessage> {
  const since = parseEventTime(options.since);
  const until = parseEventTime(options.until);
  if (since !== undefined && until !== undefined && since > until) throw invalid(`\`since\` time (${options.since}) cannot be after \`until\` time (${options.until})`);
  return mapped(rows(engine, { ...options, since, until, after: startOf(engine, since, until) }), eventMessage);
}

/** For clients that keep their place: entries after `after` (0: all that are kept); then, with `follow`, what comes. */
export function journalStream(engine: EventParts, options: { after?: number; follow: boolean; filters?: Filters; signal?: AbortSignal }): AsyncIterable<JournalEntry> {
  const until = options.follow ? undefined : 0n;
  return mapped(rows(engine, { ...options, since: undefined, until, after: options.after ?? 0 }), journalEntry);
}

export function eventMessage(row: EventRow): EventMessage {
  const legacy = row.type === "container" || row.type === "image";
  return {
    ...(legacy ? { status: row.action, id: row.actorId } : {}),
    ...(row.type === "container" && row.attributes["image"] !== undefined ? { from: row.attributes["image"] } : {}),
    Type: row.type,
    Action: row.action,
    Actor: { ID: row.actorId, Attributes: { ...row.attributes } },
    scope: "local",
    time: Number(BigInt(row.timeNano) / 1_000_000_000n),
    timeNano: exactNumber(row.timeNano),
  };
}

function journalEntry(row: EventRow): JournalEntry {
  return { ...eventMessage(row), seq: row.seq, ...(row.by === undefined ? {} : { by: row.by }) };
}

/** "1700000000.000000001" → ns. */
export function parseEventTime(text: string | undefined): bigint | undefined {
  if (text === undefined || text === "") return undefined;
  const [seconds = "", fraction = ""] = text.split(".", 2);
  for (const part of [seconds, ...(fraction === "" ? [] : [fraction])]) if (!/^-?\d+$/.test(part)) throw internal(`strconv.ParseInt: parsing ${JSON.stringify(part)}: invalid syntax`);
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
}

interface Walk {
  after: number;
  since: bigint | undefined;
  until: bigint | undefined;
  filters?: Filters;
  signal?: AbortSignal;
}

async function* rows(engine: EventParts, walk: Walk): AsyncGenerator<EventRow> {
  const filters: Filters = walk.filters ?? new Map();
  let seq = walk.after;
  using news = openNews(engine, walk);
  while (walk.signal?.aborted !== true) {
    const portion = engine.store.view((tx) => tx.eventsAfter(seq, PORTION));
    for (const row of portion) {
      seq = row.seq;
      const at = BigInt(row.timeNano);
      // `until` 0: all there is
      if (walk.until !== undefined && walk.until !== 0n && at > walk.until) return;
      if ((walk.since === undefined || at >= walk.since) && matchesEvent(filters, row)) yield row;
    }
    if (portion.length === 0 && !(await news.wait())) return;
  }
}

/** Tells when there is more; false when there will be nothing more for this walk. */
function openNews(engine: EventParts, walk: Walk): Disposable & { wait(): Promise<boolean> } {
  let isNew = false;
  let ended = false;
  let wake: (() => void) | undefined;
  const stop = engine.events.subscribe(() => {
    isNew = true;
    wake?.();
  });
  const end = (): void => {
    ended = true;
    wake?.();
  };
  walk.signal?.addEventListener("abort", end, { once: true });
  const leftMs = walk.until === undefined ? undefined : Number(walk.until / 1_000_000n) - engine.clock.nowMs();
  if (leftMs !== undefined && leftMs <= 0) ended = true;
  // longer than a timer can be: nobody waits that long
  const timer = leftMs === undefined || leftMs <= 0 || leftMs > 0x7fffffff ? undefined : setTimeout(end, leftMs);
  return {
    async wait() {
      if (!isNew && !ended) await new Promise<void>((resolve) => (wake = resolve));
      const more = isNew;
      isNew = false;
      return more;
    },
    [Symbol.dispose]() {
      stop();
      clearTimeout(timer);
      walk.signal?.removeEventListener("abort", end);
    },
  };
}

function startOf(engine: EventParts, since: bigint | undefined, until: bigint | undefined): number {
  return engine.store.view((tx) => {
    if (since !== undefined) return tx.eventSeqBefore(Number(since / 1_000_000n));
    // an end alone means: all that is kept
    return until === undefined ? tx.lastEventSeq : 0;
  });
}

async function* mapped<A, B>(source: AsyncIterable<A>, map: (each: A) => B): AsyncGenerator<B> {
  for await (const each of source) yield map(each);
}

/** Nanoseconds are beyond a number's precision: written as they are. */
function exactNumber(digits: string): number {
  const raw = (JSON as { rawJSON?: (text: string) => unknown }).rawJSON;
  return raw === undefined ? Number(digits) : (raw(digits) as number);
}
