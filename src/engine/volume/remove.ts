// Removes a volume that no container uses.
import { notImplemented } from "../../base/errors.ts";
import type { Actor } from "../../store/store.ts";
import type { VolumeParts } from "./create.ts";

/** 409 `remove NAME: volume is in use - [ids]`. `force`: a missing one is a success. */
export async function removeVolume(_engine: VolumeParts, _name: string, _options: { force?: boolean; actor: Actor }): Promise<void> {
  throw notImplemented("volumes are not implemented yet");
}
