// A volume as the API shows it.
import type { Store, VolumeRow } from "../../store/store.ts";

export interface VolumeJson {
  CreatedAt: string;
  Driver: string;
  Labels: Record<string, string> | null;
  Mountpoint: string;
  Name: string;
  Options: Record<string, string> | null;
  Scope: "local";
}

export const ANONYMOUS_LABEL = "com.docker.volume.anonymous";

export function volumeJson(store: Pick<Store, "volumePath">, row: VolumeRow): VolumeJson {
  return {
    CreatedAt: row.created,
    Driver: row.driver,
    Labels: orNull(row.labels),
    Mountpoint: store.volumePath(row.name),
    Name: row.name,
    Options: orNull(row.options),
    Scope: "local",
  };
}

function orNull(record: Readonly<Record<string, string>>): Record<string, string> | null {
  return Object.keys(record).length === 0 ? null : { ...record };
}
