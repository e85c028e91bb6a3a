// An undo stack for work of several steps: what was deferred runs in reverse unless the scope was kept.
import type { Log } from "./log.ts";

/**
 * Use with `await using scope = openScope(log)`. `defer` registers an undo step; `keep` forgets them all.
 * Undo errors are logged, never thrown: they must not hide the error that started the unwinding.
 */
export interface Scope extends AsyncDisposable {
  defer(what: string, undo: () => unknown): void;
  keep(): void;
}

export function openScope(log: Log): Scope {
  let steps: { what: string; undo: () => unknown }[] = [];
  return {
    defer(what, undo) {
      steps.push({ what, undo });
    },
    keep() {
      steps = [];
    },
    async [Symbol.asyncDispose]() {
      for (const step of steps.toReversed()) {
        try {
          await step.undo();
        } catch (error) {
          log.warn(`undo failed: ${step.what}`, { error });
        }
      }
      steps = [];
    },
  };
}
