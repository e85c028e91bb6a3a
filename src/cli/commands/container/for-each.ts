// The same request for many containers: up to 50 at once, names printed in the order given, failures joined at the end.
import type { Cli } from "../../context.ts";
import { joinFailures, textOf } from "../../failure.ts";

const PARALLEL = 50;

export interface ForEachOptions {
  /** A failure that is only told, not counted. */
  forgives?(error: unknown): boolean;
  readonly parallel?: number;
}

export async function forEachName(cli: Cli, names: readonly string[], act: (name: string) => Promise<string | void>, options: ForEachOptions = {}): Promise<void> {
  const results: Promise<{ name: string } | { error: unknown }>[] = [];
  const running = new Set<Promise<unknown>>();
  const errors: unknown[] = [];
  let printed = 0;
  const print = async (until: number) => {
    for (; printed < until; printed++) {
      const result = await results[printed]!;
      if ("name" in result) cli.console.out(`${result.name}\n`);
      else if (options.forgives?.(result.error)) cli.console.err(`${textOf(result.error)}\n`);
      else errors.push(result.error);
    }
  };
  for (const name of names) {
    if (running.size >= (options.parallel ?? PARALLEL)) await Promise.race(running);
    const result = act(name).then((said) => ({ name: said ?? name }), (error: unknown) => ({ error }));
    results.push(result);
    const tracked: Promise<unknown> = result.then(() => running.delete(tracked));
    running.add(tracked);
    if (options.parallel === 1) await print(results.length);
  }
  await print(results.length);
  joinFailures(errors);
}
