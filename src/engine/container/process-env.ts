// Environment of a container's processes: the engine's own entries, overridden by the container's, then by the request's. Pure.
import type { ContainerRow } from "../../store/store.ts";

const DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export function processEnv(row: Pick<ContainerRow, "config">, options: { terminal: boolean; more?: readonly string[] | null; links?: readonly string[] }): string[] {
  const base = [DEFAULT_PATH, `HOSTNAME=${row.config.Hostname ?? ""}`, ...(options.terminal ? ["TERM=xterm"] : []), ...(options.links ?? [])];
  return overlay(overlay(base, row.config.Env ?? []), options.more ?? []);
}

/** An entry replaces the one of its name in place; an entry without `=` takes it away. */
function overlay(base: readonly string[], over: readonly string[]): string[] {
  const entries = new Map(base.map((entry) => [keyOf(entry), entry]));
  for (const entry of over) {
    if (entry.includes("=")) entries.set(keyOf(entry), entry);
    else entries.delete(entry);
  }
  return [...entries.values()];
}

function keyOf(entry: string): string {
  return entry.split("=", 1)[0] ?? entry;
}
