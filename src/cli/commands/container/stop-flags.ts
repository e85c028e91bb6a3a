// What stop and restart share: the signal, and how long to wait before the kill.
import type { Query } from "../../client.ts";
import { failure } from "../../failure.ts";
import type { FlagValues } from "../../flags.ts";

export const STOP_FLAGS = `
-s, --signal string  Signal to send to the container
-t, --timeout int  Seconds to wait before killing the container
~--time int  Seconds to wait before killing the container (deprecated: use --timeout instead)
`;

export function stopQuery(flags: FlagValues): Query {
  if (flags.has("time") && flags.has("timeout")) throw failure("conflicting options: cannot specify both --timeout and --time");
  const seconds = flags.optional("timeout") ?? flags.optional("time");
  return { signal: flags.text("signal") || undefined, t: seconds === undefined ? undefined : Number(seconds) };
}
