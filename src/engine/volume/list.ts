// GET /volumes
import type { Filters } from "../../wire/filters.ts";
import type { Engine } from "../engine.ts";
import { compileVolumeFilter, type VolumeSizes } from "./filter.ts";
import { volumeJson, type VolumeJson } from "./read.ts";

/** `sizes` as `sizesForFilter` gives them. */
export function listVolumes({ store, clock }: Pick<Engine, "store" | "clock">, filters: Filters = new Map(), sizes: VolumeSizes = new Map()): { Volumes: VolumeJson[]; Warnings: string[] | null } {
  const rows = store.view((tx) => tx.volumes.list().filter(compileVolumeFilter(tx, filters, clock.nowMs(), sizes)));
  return { Volumes: rows.map((row) => volumeJson(store, row)), Warnings: null };
}
