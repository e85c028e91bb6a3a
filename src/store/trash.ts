// The trash: what is discarded is gone by rename at once, its bytes go in the background, a few trees at a time: a disk that
// is told of freed blocks makes each wait, but not for one another.
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, renameSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { internal, messageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";

const RETRY_MS = 30_000;
const AT_ONCE = 4;

export class Trash {
  private readonly waiting: string[];
  private working: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly directory: string,
    private readonly log: Log,
    /** Called whenever the trash has become empty. */
    private readonly onEmpty: () => void,
  ) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.waiting = readdirSync(directory);
    this.begin();
  }

  /** Renames into the trash; nothing happens if the path does not exist. */
  discard(path: string): void {
    const name = randomUUID();
    try {
      renameSync(path, join(this.directory, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw internal(`cannot discard ${path}: ${messageOf(error)}`, {}, error);
    }
    this.waiting.push(name);
    this.begin();
  }

  /** Resolves when nothing is left to remove (what failed is tried again later). */
  async idle(): Promise<void> {
    while (this.working !== undefined) await this.working;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    await this.idle();
  }

  private begin(): void {
    if (this.working !== undefined || this.closed || this.waiting.length === 0) return;
    this.working = Promise.all(Array.from({ length: AT_ONCE }, () => this.work())).then(() => {
      this.working = undefined;
      if (this.waiting.length === 0) this.onEmpty();
      this.begin();
    });
  }

  private async work(): Promise<void> {
    // the caller's answer goes out first
    await new Promise((resolve) => setImmediate(resolve));
    while (!this.closed) {
      const name = this.waiting.pop();
      if (name === undefined) return;
      const path = join(this.directory, name);
      try {
        await rm(path, { recursive: true, force: true });
      } catch (error) {
        this.log.warn("cannot empty the trash yet", { path, error: messageOf(error) });
        this.tryLater();
      }
    }
  }

  private tryLater(): void {
    this.retry ??= setTimeout(() => {
      this.retry = undefined;
      this.waiting.push(...readdirSync(this.directory).filter((name) => !this.waiting.includes(name)));
      this.begin();
    }, RETRY_MS).unref();
  }
}
