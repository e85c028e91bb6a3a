// The three networks that are always there: bridge, host, none.
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";

/** At start: their rows, and the default bridge itself. */
export async function ensurePredefinedNetworks(_engine: Pick<Engine, "store" | "network" | "clock" | "config">): Promise<void> {
  throw notImplemented("networks are not implemented yet");
}

/** At start, after the rows: the world is made to agree with the records (bridges, rules, addresses, DNS of running containers). */
export async function recoverNetworks(_engine: Pick<Engine, "store" | "network" | "config" | "log">): Promise<void> {
  throw notImplemented("networks are not implemented yet");
}
