// POST /volumes/prune: volumes that no container refers to; without `all` only those that nobody named.
import { invalid, messageOf } from "../../base/errors.ts";
import type { Actor, Reader, VolumeRow } from "../../store/store.ts";
import type { Filters } from "../../wire/filters.ts";
import type { Engine } from "../engine.ts";
import { measureVolumes } from "../system/volume-bytes.ts";
import type { VolumeParts } from "./create.ts";
import { compileVolumeFilter, sizesForFilter, type VolumeSizes } from "./filter.ts";
import { needsMount } from "./options.ts";
import { ANONYMOUS_LABEL } from "./read.ts";
import { discardVolume, dropVolumeRow } from "./remove.ts";

export async function pruneVolumes(engine: VolumeParts & Pick<Engine, "log">, filters: Filters, actor: Actor): Promise<{ VolumesDeleted: string[]; SpaceReclaimed: number }> {
  const report = { VolumesDeleted: [] as string[], SpaceReclaimed: 0 };
  const choice = { nowMs: engine.clock.nowMs(), sizes: await sizesForFilter(engine, filters) };
  const candidates = engine.store.view((tx) => selectVolumes(tx, filters, choice).filter((row) => isUnused(tx, row)));
  const sizes = await measureVolumes(engine, candidates);
  for (const { name } of candidates) {
    const removed = engine.store.update((tx) => {
      const row = tx.volumes.find(name);
      if (row === undefined || !isUnused(tx, row)) return false;
      dropVolumeRow(tx, engine, row, actor);
      return true;
    });
    if (!removed) continue;
    report.VolumesDeleted.push(name);
    report.SpaceReclaimed += sizes.get(name)?.sizeBytes ?? 0;
    await discardVolume(engine, name).catch((error: unknown) => engine.log.warn("a pruned volume's files are still there", { volume: name, error: messageOf(error) }));
  }
  engine.events.emit({ type: "volume", action: "prune", actorId: "", attributes: { reclaimed: String(report.SpaceReclaimed) }, by: actor });
  return report;
}

/** Those that a prune with these filters would look at: without `all` only what nobody named, never what has options (NFS…). */
export function selectVolumes(tx: Pick<Reader, "containers" | "volumes">, filters: Filters, { nowMs, sizes }: { nowMs: number; sizes: VolumeSizes }): VolumeRow[] {
  const all = allVolumes(filters);
  const rest = new Map([...filters].filter(([key]) => key !== "all"));
  const passes = compileVolumeFilter(tx, rest, nowMs, sizes);
  return tx.volumes.list().filter((row) => (all || row.labels[ANONYMOUS_LABEL] !== undefined) && !needsMount(row.options) && passes(row));
}

function isUnused(tx: Pick<Reader, "containers" | "pins">, row: VolumeRow): boolean {
  return !tx.containers.any("volume", row.name) && !tx.pins.has(`volume:${row.name}`);
}

function allVolumes(filters: Filters): boolean {
  const value = filters.get("all")?.[0];
  if (value === undefined) return false;
  if (["1", "t", "T", "TRUE", "true", "True"].includes(value)) return true;
  if (["0", "f", "F", "FALSE", "false", "False"].includes(value)) return false;
  throw invalid(`invalid filter 'all': strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
}
