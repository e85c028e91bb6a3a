// Transfers that several operations may want at once: the same work is done once, and only so many run at a time.
import { cancelled } from "../base/errors.ts";

export interface SharedTransfer<T> {
  /** Rejects when the work fails, or `cancelled` when this caller's own signal aborts. */
  done: Promise<T>;
}

export interface Transfers {
  /**
   * Joins the transfer `key` or begins it. `work` gets a signal that aborts when every caller has gone away, and `tell` for
   * news, which all callers hear (a late one first hears the last).
   */
  download<T, N>(key: string, options: JoinOptions<N>, work: (signal: AbortSignal, tell: (news: N) => void) => Promise<T>): Promise<T>;
  /** Takes one of the places for uploads. */
  upload<T>(signal: AbortSignal, options: { onWait?: () => void }, work: () => Promise<T>): Promise<T>;
}

export interface JoinOptions<N> {
  signal: AbortSignal;
  onNews: (news: N) => void;
  /** All places are taken: the transfer has to wait. */
  onWait?: () => void;
}

interface Running {
  result: Promise<unknown>;
  abort: AbortController;
  listeners: Set<(news: unknown) => void>;
  waiting: boolean;
  lastNews: { news: unknown } | undefined;
}

export function createTransfers(limits: { downloads: number; uploads: number }): Transfers {
  const running = new Map<string, Running>();
  const downloads = new Places(limits.downloads);
  const uploads = new Places(limits.uploads);

  const begin = <T, N>(key: string, work: (signal: AbortSignal, tell: (news: N) => void) => Promise<T>, onWait?: () => void): Running => {
    const abort = new AbortController();
    const transfer: Running = { result: Promise.resolve(), abort, listeners: new Set(), waiting: false, lastNews: undefined };
    const tell = (news: N): void => {
      transfer.lastNews = { news };
      for (const listener of transfer.listeners) listener(news);
    };
    transfer.waiting = downloads.full;
    if (transfer.waiting) onWait?.();
    transfer.result = downloads
      .take(abort.signal, () => {
        transfer.waiting = false;
        return work(abort.signal, tell);
      })
      .finally(() => {
        if (running.get(key) === transfer) running.delete(key);
      });
    // a transfer that nobody waits for any more may fail unheard
    transfer.result.catch(() => undefined);
    running.set(key, transfer);
    return transfer;
  };

  return {
    async download(key, { signal, onNews, onWait }, work) {
      signal.throwIfAborted();
      let transfer = running.get(key);
      if (transfer === undefined) transfer = begin(key, work, onWait);
      else if (transfer.waiting) onWait?.();
      else if (transfer.lastNews !== undefined) onNews(transfer.lastNews.news as Parameters<typeof onNews>[0]);
      const mine = transfer;
      const listener = onNews as (news: unknown) => void;
      mine.listeners.add(listener);
      const leave = (): void => {
        mine.listeners.delete(listener);
        if (mine.listeners.size > 0) return;
        // nobody is left: the next one who wants it begins anew
        if (running.get(key) === mine) running.delete(key);
        mine.abort.abort(cancelled("context canceled"));
      };
      try {
        return (await orAborted(mine.result, signal)) as Awaited<ReturnType<typeof work>>;
      } finally {
        leave();
      }
    },
    upload(signal, { onWait }, work) {
      if (uploads.full) onWait?.();
      return uploads.take(signal, work);
    },
  };
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** So many at a time, in order of arrival. */
class Places {
  private taken = 0;
  private readonly queue: (() => void)[] = [];

  constructor(private readonly limit: number) {}

  get full(): boolean {
    return this.taken >= this.limit;
  }

  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.full) await this.turn(signal);
    else this.taken++;
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      const next = this.queue.shift();
      // the place goes to the next in line, without being free in between
      if (next === undefined) this.taken--;
      else next();
    }
  }

  private turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener("abort", abort);
        resolve();
      };
      const abort = (): void => {
        this.queue.splice(this.queue.indexOf(go), 1);
        reject(signal.reason);
      };
      this.queue.push(go);
      signal.addEventListener("abort", abort, { once: true });
    });
  }
}
