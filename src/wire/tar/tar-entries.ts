// The entries of a tar one after the other, each with its contents as a stream.
import { type Entry, TarReader } from "./tar-reader.ts";

export interface TarItem {
  entry: Entry;
  /** To be taken before the next item; what is left is passed over. */
  content: AsyncIterable<Uint8Array>;
}

type Step = { entry: Entry } | { bytes: Uint8Array } | { over: true };

export async function* tarEntries(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarItem> {
  const steps = stepsOf(source);
  let inside = false;
  const content = async function* (): AsyncGenerator<Uint8Array> {
    while (inside) {
      const next = await steps.next();
      if (next.done === true || "over" in next.value) inside = false;
      else if ("bytes" in next.value) yield next.value.bytes;
    }
  };
  for (;;) {
    for await (const _ of content()) void 0;
    const next = await steps.next();
    if (next.done === true) return;
    if (!("entry" in next.value)) continue;
    inside = true;
    yield { entry: next.value.entry, content: content() };
  }
}

async function* stepsOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Step> {
  let steps: Step[] = [];
  const reader = new TarReader({
    raw: () => undefined,
    entry: (entry) => void steps.push({ entry }),
    payload: (bytes) => void steps.push({ bytes }),
    entryEnd: () => void steps.push({ over: true }),
  });
  for await (const bytes of source) {
    reader.push(bytes);
    yield* steps;
    steps = [];
  }
  reader.end();
  yield* steps;
}
