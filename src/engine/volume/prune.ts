// POST /volumes/prune: volumes that no container refers to; without `all` only those that nobody named.
import { invalid, messageOf } from "../../base/errors.ts";
import type { Actor, Reader, VolumeRow } from "../../store/store.ts";
import { checkFilterKeys, type Filters, matchLabels } from "../../wire/filters.ts";
import type { Engine } from "../engine.ts";
import { measureVolumes } from "../system/volume-bytes.ts";
import type { VolumeParts } from "./create.ts";
import { needsMount } from "./options.ts";
import { ANONYMOUS_LABEL } from "./read.ts";
import { discardVolume, dropVolumeRow } from "./remove.ts";

export async function pruneVolumes(engine: VolumeParts & Pick<Engine, "log">, filters: Filters, actor: Actor): Promise<{ VolumesDeleted: string[]; SpaceReclaimed: number }> {
  checkFilterKeys(filters, ["all", "label", "label!"]);
  const all = allOf(filters);
  const report = { VolumesDeleted: [] as string[], SpaceReclaimed: 0 };
  const candidates = engine.store.view((tx) => selectUnusedVolumes(tx, filters, all));
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

/** Volumes that a prune with these filters would take. */
export function selectUnusedVolumes(tx: Reader, filters: Filters, all: boolean): VolumeRow[] {
  return tx.volumes.list().filter((row) => {
    if (!isUnused(tx, row) || needsMount(row.options)) return false;
    if (!all && row.labels[ANONYMOUS_LABEL] === undefined) return false;
    return matchLabels(filters, row.labels) && ((filters.get("label!")?.length ?? 0) === 0 || !matchLabels(filters, row.labels, "label!"));
  });
}

function isUnused(tx: Pick<Reader, "containers" | "pins">, row: VolumeRow): boolean {
  return !tx.containers.any("volume", row.name) && !tx.pins.has(`volume:${row.name}`);
}

function allOf(filters: Filters): boolean {
  const value = filters.get("all")?.[0];
  if (value === undefined) return false;
  if (["1", "t", "T", "TRUE", "true", "True"].includes(value)) return true;
  if (["0", "f", "F", "FALSE", "false", "False"].includes(value)) return false;
  throw invalid(`invalid filter 'all': strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
}
