// A lock per key, in order of arrival. Nothing is remembered of a key that nobody holds or waits for.

export interface KeyedLock {
  /** Runs `work` when every earlier holder of `key` is done; releases also when it throws. */
  hold<T>(key: string, work: () => Promise<T>): Promise<T>;
  isHeld(key: string): boolean;
}

export function createKeyedLock(): KeyedLock {
  const tails = new Map<string, Promise<unknown>>();
  return {
    async hold(key, work) {
      const before = tails.get(key);
      let release = (): void => undefined;
      const mine = new Promise<void>((resolve) => (release = resolve));
      const tail = before === undefined ? mine : before.then(() => mine);
      tails.set(key, tail);
      try {
        await before;
        return await work();
      } finally {
        release();
        if (tails.get(key) === tail) tails.delete(key);
      }
    },
    isHeld: (key) => tails.has(key),
  };
}
