// Requests that have no estimate: Docker's daemon cannot do them, and says so with a 404.
import type { Cli } from "../context.ts";
import { failure } from "../failure.ts";
import { beyond } from "./read-plan.ts";

export async function onlyOurs<T>(cli: Cli, command: string, ask: () => Promise<T>): Promise<T> {
  let answered = false;
  const answer = await beyond(cli, async () => {
    const value = await ask();
    answered = true;
    return value;
  });
  if (!answered) throw failure(`${command} needs ${cli.program}'s own daemon: the one at ${cli.client().endpoint.url} cannot do it`);
  return answer as T;
}
