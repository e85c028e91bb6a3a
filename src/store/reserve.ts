// Some megabytes set aside: given back when the disk is full, so that removing things still works then.
import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";

const SIZE_BYTES = 8 * 1024 * 1024;
/** Given up, it is taken again as soon as there is room, whoever made it. */
const LOOK_AGAIN_MS = 1000;
/** Not taken (again) while less than this is free. */
const COMFORTABLE_BYTES = 3 * SIZE_BYTES;

export class Reserve {
  private again: NodeJS.Timeout | undefined;

  constructor(
    private readonly path: string,
    private readonly log: Log,
  ) {}

  /** True if there was something to give. */
  release(): boolean {
    if (!existsSync(this.path)) return false;
    rmSync(this.path, { force: true });
    this.again ??= setInterval(() => this.restore(), LOOK_AGAIN_MS).unref();
    this.log.warn("the disk is full: reserve given up", { path: this.path });
    return true;
  }

  /** Sets it aside if it is missing and there is room. */
  restore(): void {
    if (existsSync(this.path)) return this.close();
    try {
      const { bavail, bsize } = statfsSync(dirname(this.path));
      if (bavail * bsize < COMFORTABLE_BYTES) return;
      const file = openSync(this.path, "w", 0o600);
      try {
        // written, not only sized: holes would reserve nothing
        const block = new Uint8Array(SIZE_BYTES / 8);
        for (let part = 0; part < 8; part++) writeSync(file, block);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      rmSync(this.path, { force: true });
      this.log.warn("no reserve for a full disk", { error: messageOf(error) });
    }
  }
  /** No further looks. */
  close(): void {
    clearInterval(this.again);
    this.again = undefined;
  }
}
