// Makes a volume, or finds the one of that name.
import { notImplemented } from "../../base/errors.ts";
import type { Actor, VolumeRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";

export type VolumeParts = Pick<Engine, "store" | "events" | "clock">;

export interface CreateVolumeRequest {
  Name?: string;
  Driver?: string;
  DriverOpts?: Record<string, string> | null;
  Labels?: Record<string, string> | null;
}

/** POST /volumes/create: the volume's JSON. */
export function createVolume(engine: VolumeParts, request: CreateVolumeRequest, actor: Actor): object {
  return { ...ensureVolume(engine, request, actor) };
}

/** For container create: the row of the named volume, made if there is none; without a name an anonymous one. `madeFor` is remembered for anonymous ones. */
export function ensureVolume(_engine: VolumeParts, _request: CreateVolumeRequest, _actor: Actor, _madeFor?: VolumeRow["madeFor"]): VolumeRow {
  throw notImplemented("volumes are not implemented yet");
}
