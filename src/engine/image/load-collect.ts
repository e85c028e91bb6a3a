// Takes an archive of images apart as it comes: layers go into the store at once, small files are kept for later.
import { createHash } from "node:crypto";
import { invalid } from "../../base/errors.ts";
import { type DiffRow, holdInLease } from "../../store/store.ts";
import type { DiffId, Digest } from "../../wire/oci.ts";
import type { ProgressSink } from "../../wire/progress.ts";
import { shortId } from "../../wire/reference.ts";
import { tarEntries } from "../../wire/tar/tar-entries.ts";
import type { Engine } from "../engine.ts";

export interface CollectedLayer {
  row: DiffRow;
  /** Of the bytes in the archive. */
  digest: Digest;
}

/** What an archive held, by path. */
export interface CollectedArchive {
  files: ReadonlyMap<string, Buffer>;
  layers: ReadonlyMap<string, CollectedLayer>;
  /** Old archives name a layer again by a link: path → path. */
  links: ReadonlyMap<string, string>;
}

export interface CollectOptions {
  leaseId: string;
  signal: AbortSignal;
  progress: ProgressSink;
}

const MAX_FILE_BYTES = 8 << 20;
const MAX_FILES_BYTES = 64 << 20;
/** What tells a layer from other files. */
const HEAD_BYTES = 512;
/** Layers that workers still write while the next one is read. */
const MAX_BEHIND = 2;

export async function collectArchive({ store }: Pick<Engine, "store">, source: AsyncIterable<Uint8Array>, { leaseId, signal, progress }: CollectOptions): Promise<CollectedArchive> {
  const files = new Map<string, Buffer>();
  const layers = new Map<string, CollectedLayer>();
  const links = new Map<string, string>();
  const working = new Set<Promise<void>>();
  let keptBytes = 0;
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  let problem: unknown;
  try {
    for await (const { entry, content } of tarEntries(source)) {
      if (problem !== undefined) break;
      const path = clean(entry.name);
      if (entry.type === "2" || entry.type === "1") links.set(path, clean(entry.type === "1" ? entry.linkName : join(path, entry.linkName)));
      if (entry.type !== "0") continue;
      const known = hold(store, leaseId, path);
      if (known !== undefined) {
        layers.set(path, { row: known, digest: known.diffId });
        continue;
      }
      const { head, whole } = await peek(content);
      if (isLayer(path, head)) {
        const done = progressOf(path, entry.size, progress);
        // the feed ends before the worker does: the next layer is read meanwhile
        let fed = (): void => undefined;
        const isFed = new Promise<void>((resolve) => (fed = resolve));
        const ingest = store.layers.ingest(told(whole, fed), { leaseId, signal: both, onProgress: done.report });
        const work = ingest.then(
          ({ row, blob }) => {
            layers.set(path, { row, digest: blob.digest });
            done.end();
          },
          (error: unknown) => {
            problem ??= error;
            fed();
          },
        );
        working.add(work);
        void work.then(() => working.delete(work));
        await isFed;
        while (working.size > MAX_BEHIND) await Promise.race(working);
      } else if (entry.size <= MAX_FILE_BYTES) {
        const bytes = await readAll(whole);
        keptBytes += bytes.length;
        if (keptBytes > MAX_FILES_BYTES) throw invalid("archive has too much besides layers");
        checkDigest(path, bytes);
        files.set(path, bytes);
      }
    }
    await Promise.all(working);
    if (problem !== undefined) throw problem;
    return { files, layers, links };
  } finally {
    stop.abort();
    await Promise.all(working);
  }
}

/** A layer that is here already under the digest that its path names: what the archive has of it is not wanted. */
function hold(store: Engine["store"], leaseId: string, path: string): DiffRow | undefined {
  const hex = /^(?:blobs\/sha256\/)?([0-9a-f]{64})(?:\.tar)?$/.exec(path)?.[1];
  if (hex === undefined) return undefined;
  const diffId: DiffId = `sha256:${hex}`;
  return store.update((tx) => {
    const row = tx.diffs.find(diffId);
    if (row !== undefined) holdInLease(tx, leaseId, { diffs: [diffId] });
    return row;
  });
}

async function* told(source: AsyncIterable<Uint8Array>, fed: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } finally {
    fed();
  }
}

function checkDigest(path: string, bytes: Buffer): void {
  const digest = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path)?.[1];
  if (digest !== undefined && createHash("sha256").update(bytes).digest("hex") !== digest) throw invalid(`invalid archive: blob sha256:${digest} does not match its digest`);
}

/** Layers are told from configs and manifests by name where that says it, else by how they begin. */
function isLayer(path: string, head: Uint8Array): boolean {
  if (path.endsWith("layer.tar") || /\.tar(\.\w+)?$/.test(path)) return true;
  if (path.endsWith(".json") || ["repositories", "oci-layout", "VERSION", "json"].includes(path.split("/").at(-1) ?? "")) return false;
  // a layer's first file may have any name, but a tar's header is never without zeros
  if (head.includes(0)) return true;
  const first = head.find((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09);
  return first !== 0x7b && first !== 0x5b;
}

async function peek(content: AsyncIterable<Uint8Array>): Promise<{ head: Uint8Array; whole: AsyncIterable<Uint8Array> }> {
  const iterator = content[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < HEAD_BYTES) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    if (head.length > 0) yield head;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  };
  return { head, whole: whole() };
}

async function readAll(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const bytes of source) parts.push(Buffer.from(bytes));
  return Buffer.concat(parts);
}

const REPORT_BYTES = 1 << 19;

function progressOf(path: string, total: number, progress: ProgressSink): { report(bytes: number): void; end(): void } {
  const id = shortId(path.split("/").findLast((part) => /^[0-9a-f]{12,}/.test(part)) ?? path);
  let reported = 0;
  const report = (current: number): void => {
    if (current - reported < REPORT_BYTES && current !== total) return;
    reported = current;
    progress({ status: "Loading layer", id, progressDetail: { current, total } });
  };
  return { report, end: () => report(total) };
}

function clean(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

function join(from: string, link: string): string {
  return link.startsWith("/") ? link : `${from.split("/").slice(0, -1).join("/")}/${link}`;
}
