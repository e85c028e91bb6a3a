// The collector: callers join a run that begins after their commit; files go in small portions between other work.
import { join } from "node:path";
import { messageOf } from "../base/errors.ts";
import { failpoint } from "../base/failpoint.ts";
import type { Log } from "../base/log.ts";
import { sweep } from "./gc-sweep.ts";
import type { Collected, Writer } from "./records.ts";
import type { BlobRow, DiffRow } from "./rows.ts";
import type { Content } from "./content.ts";
import type { Transaction } from "./transaction.ts";

/** Renames in one go without letting others run. */
const PORTION = 64;

export interface CollectorParts {
  layersDirectory: string;
  tx: Writer;
  transaction: Transaction;
  content: Pick<Content, "path">;
  discard(path: string): void;
  /** Resolves when all that is committed survives a power cut. */
  settle(): Promise<void>;
  log: Log;
}

export class Collector {
  private next: Promise<Collected> | undefined;
  private moving: Promise<void> | undefined;
  private readonly queue: (DiffRow | BlobRow)[] = [];

  constructor(private readonly parts: CollectorParts) {}

  collect(): Promise<Collected> {
    return (this.next ??= this.run());
  }

  /** Files of rows that are gone: moved to the trash soon, unless a row came back meanwhile. */
  discardFiles(diffs: readonly DiffRow[], blobs: readonly BlobRow[]): void {
    this.queue.push(...diffs, ...blobs);
    this.moving ??= this.move()
      .catch((error: unknown) => this.parts.log.error("files wait for the next start", { error: messageOf(error) }))
      .finally(() => (this.moving = undefined));
  }

  async idle(): Promise<void> {
    while (this.next !== undefined || this.moving !== undefined) await (this.next ?? this.moving);
  }

  private async run(): Promise<Collected> {
    // whoever asks until the run begins shares it
    await new Promise((resolve) => setImmediate(resolve));
    this.next = undefined;
    const { collected, diffs, blobs } = this.parts.transaction.run(() => sweep(this.parts.tx, Date.now()));
    this.discardFiles(diffs, blobs);
    while (this.moving !== undefined) await this.moving;
    return collected;
  }

  private async move(): Promise<void> {
    failpoint("collect:after-rows");
    while (this.queue.length > 0) {
      const rows = this.queue.splice(0);
      // the rows must not come back after a power cut when their files are gone
      await this.parts.settle();
      while (rows.length > 0) {
        for (const row of rows.splice(0, PORTION)) {
          this.discardRow(row);
          failpoint("collect:after-file");
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  /** In one step without waiting: look whether the row came back, then move. */
  private discardRow(row: DiffRow | BlobRow): void {
    const { tx, content, layersDirectory, discard, log } = this.parts;
    try {
      if ("diffId" in row) {
        if (tx.diffs.find(row.diffId)?.directory !== row.directory) discard(join(layersDirectory, row.directory));
      } else if (!tx.blobs.has(row.digest)) {
        discard(content.path(row.digest));
      }
    } catch (error) {
      log.warn("cannot discard; the next start will", { error: messageOf(error) });
    }
  }
}
