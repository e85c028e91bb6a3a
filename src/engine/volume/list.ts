// GET /volumes
import type { Reader, VolumeRow } from "../../store/store.ts";
import { checkFilterKeys, filterBool, type Filters, matchLabels } from "../../wire/filters.ts";
import type { Engine } from "../engine.ts";
import { volumeJson, type VolumeJson } from "./read.ts";

export function listVolumes(engine: Pick<Engine, "store">, filters: Filters = new Map()): { Volumes: VolumeJson[]; Warnings: string[] | null } {
  checkFilterKeys(filters, ["dangling", "driver", "label", "name"]);
  const dangling = filterBool(filters, "dangling");
  const rows = engine.store.view((tx) => tx.volumes.list().filter((row) => matches(tx, row, filters, dangling)));
  return { Volumes: rows.map((row) => volumeJson(engine.store, row)), Warnings: null };
}

function matches(tx: Pick<Reader, "containers">, row: VolumeRow, filters: Filters, dangling: boolean | undefined): boolean {
  const names = filters.get("name") ?? [];
  if (names.length > 0 && !names.some((name) => row.name === name || matchesPattern(row.name, name))) return false;
  const drivers = filters.get("driver") ?? [];
  if (drivers.length > 0 && !drivers.includes(row.driver)) return false;
  if (!matchLabels(filters, row.labels)) return false;
  return dangling === undefined || dangling === !tx.containers.any("volume", row.name);
}

/** Like Docker: an expression anywhere in the text; one that cannot be read matches nothing. */
function matchesPattern(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}
