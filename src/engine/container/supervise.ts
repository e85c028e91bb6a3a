// What happens to containers without a client asking.
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import type { Supervisor } from "./supervisor.ts";

/** Call after the other parts exist; it listens to the runtime from then on. The engine is `{ ...parts, supervisor }`. */
export function createSupervisor(_parts: Omit<Engine, "supervisor">): Supervisor {
  throw notImplemented("stub");
}
