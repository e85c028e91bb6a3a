// Tells when a log may have grown or been rotated.
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** In case that the kernel tells nothing: no watches left, or a file system without them. */
const LOOK_AGAIN_MS = 500;

export class LogWatch {
  private readonly watcher: FSWatcher | undefined;
  private readonly timer: NodeJS.Timeout;
  private hasChanged = true;
  private wake: (() => void) | undefined;

  constructor(
    path: string,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.watcher = watchDirectory(path, () => this.changed());
    this.timer = setInterval(() => this.changed(), LOOK_AGAIN_MS);
    this.timer.unref();
    signal?.addEventListener("abort", this.changed);
  }

  private readonly changed = (): void => {
    this.hasChanged = true;
    this.wake?.();
  };

  /** Resolves at once if something happened since the last time. */
  async next(): Promise<void> {
    if (!this.hasChanged) await new Promise<void>((resolve) => (this.wake = resolve));
    this.wake = undefined;
    this.hasChanged = false;
  }

  close(): void {
    this.watcher?.close();
    clearInterval(this.timer);
    this.signal?.removeEventListener("abort", this.changed);
  }
}

/** The directory, since the file itself is renamed by a rotation. */
function watchDirectory(path: string, onChange: () => void): FSWatcher | undefined {
  const name = basename(path);
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_, changed) => {
      if (changed === null || changed === name) onChange();
    });
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    // the timer does it
    return undefined;
  }
}
