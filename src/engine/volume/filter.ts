// Filters of volumes, the same for listing and pruning: Docker's keys, and what it has no word for.
import type { Reader, VolumeRow } from "../../store/store.ts";
import { filterBool, type Filters } from "../../wire/filters.ts";
import type { Engine } from "../engine.ts";
import { anyOf, booleanOf, compileFilter, labelTerm, matchesName, parseAgeMs, parseSizeBytes, type Terms } from "../object-filter.ts";
import { measureVolumes, type VolumeBytes } from "../system/volume-bytes.ts";

export type VolumeSizes = ReadonlyMap<string, VolumeBytes>;

/** `sizes` of those that `larger-than` is to look at. */
export function compileVolumeFilter(tx: Pick<Reader, "containers">, filters: Filters, nowMs: number, sizes: VolumeSizes): (row: VolumeRow) => boolean {
  return compileFilter(filters, termsOf(tx, nowMs, sizes));
}

/** Measured only if a filter asks for sizes. */
export async function sizesForFilter(engine: Pick<Engine, "store" | "log">, filters: Filters): Promise<VolumeSizes> {
  const asks = filters.has("larger-than") || filters.has("larger-than!");
  return asks ? measureVolumes(engine, engine.store.view((tx) => tx.volumes.list())) : new Map();
}

function termsOf({ containers }: Pick<Reader, "containers">, nowMs: number, sizes: VolumeSizes): Terms<VolumeRow> {
  const isUsed = (row: VolumeRow): boolean => containers.any("volume", row.name);
  return {
    name: anyOf((value) => {
      const matches = matchesName(value);
      return (row) => matches(row.name);
    }),
    driver: anyOf((value) => (row) => row.driver === value),
    label: labelTerm((row) => row.labels),
    dangling: (values, key) => {
      const wanted = filterBool(new Map([[key, values]]), key);
      return (row) => isUsed(row) !== wanted;
    },
    "in-use": (values, key) => {
      const wanted = booleanOf(values, key);
      return (row) => isUsed(row) === wanted;
    },
    "unused-for": (values, key) => {
      const ages = values.map((value) => parseAgeMs(value, key));
      return (row) => !isUsed(row) && ages.every((age) => nowMs - Math.max(row.lastUsedMs ?? 0, row.createdMs) >= age);
    },
    "larger-than": (values, key) => {
      const limits = values.map((value) => parseSizeBytes(value, key));
      return (row) => limits.every((limit) => (sizes.get(row.name)?.sizeBytes ?? 0) > limit);
    },
  };
}
