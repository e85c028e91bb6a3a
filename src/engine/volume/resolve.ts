// Volumes are found by exact name only.
import { notFound } from "../../base/errors.ts";
import type { Reader, VolumeRow } from "../../store/store.ts";

export function resolveVolume(tx: Pick<Reader, "volumes">, name: string): VolumeRow {
  const row = tx.volumes.find(name);
  if (row === undefined) throw notFound(`get ${name}: no such volume`, { volume: name });
  return row;
}
