// Filters of container prune: Docker's `until` and `label`, the keys of `ps`, and what Docker has no word for.
import { invalid } from "../../base/errors.ts";
import type { ContainerRow, Reader } from "../../store/store.ts";
import { parseUntil, type Filters } from "../../wire/filters.ts";
import { anyOf, compileFilter, labelTerm, matchesName, parseAgeMs, parseSizeBytes, type Terms } from "../object-filter.ts";
import { resolveImage } from "../image/names.ts";

/** Containers at rest that pass, newest first. */
export function prunableContainers(tx: Reader, filters: Filters, nowMs: number): ContainerRow[] {
  const passes = compileFilter(filters, termsOf(tx, nowMs));
  return tx.containers
    .list()
    .filter((row) => !row.state.Running && passes(row))
    .toSorted((a, b) => b.createdMs - a.createdMs);
}

function termsOf(tx: Reader, nowMs: number): Terms<ContainerRow> {
  return {
    label: labelTerm((row) => row.config.Labels ?? {}),
    // creation, as Docker: not the exit
    until: (values) => {
      if (values.length > 1) throw invalid("more than one until filter specified");
      const times = values.map((value) => parseUntil(value, nowMs));
      return (row) => times.every((time) => row.createdMs <= time);
    },
    "unused-for": (values, key) => {
      const ages = values.map((value) => parseAgeMs(value, key));
      return (row) => ages.every((age) => nowMs - lastActiveMs(row) >= age);
    },
    "larger-than": (values, key) => {
      const sizes = values.map((value) => parseSizeBytes(value, key));
      return (row) => sizes.every((size) => (row.sizeRwBytes ?? 0) > size);
    },
    id: anyOf((value) => named(matchesName(value), (row) => [row.id])),
    name: anyOf((value) => named(matchesName(value.replace(/^\//, "")), (row) => [row.name])),
    status: anyOf((value) => (row) => row.state.Status === value),
    exited: anyOf((value) => (row) => row.hasBeenStarted && String(row.state.ExitCode) === value),
    volume: anyOf((value) => (row) => row.mounts.some((mount) => mount.Name === value || mount.Destination === value)),
    network: anyOf((value) => (row) => Object.entries(row.networks).some(([name, endpoint]) => name === value || endpoint.NetworkID === value)),
    ancestor: anyOf((value) => {
      const images = ancestorIds(tx, value);
      return (row) => images.has(row.imageId);
    }),
  };
}

/** Containers of an image and of those made from it. */
function ancestorIds(tx: Reader, name: string): ReadonlySet<string> {
  const ids = new Set<string>();
  const visit = (id: string): void => {
    if (ids.has(id)) return;
    ids.add(id);
    for (const child of tx.images.by("parent", id)) visit(child.id);
  };
  visit(resolveImage(tx, name).image.id);
  return ids;
}

export function lastActiveMs(row: ContainerRow): number {
  const finished = Date.parse(row.state.FinishedAt);
  const started = Date.parse(row.state.StartedAt);
  return Math.max(row.createdMs, Number.isNaN(finished) ? 0 : finished, Number.isNaN(started) ? 0 : started);
}

function named(matches: (name: string) => boolean, of: (row: ContainerRow) => string[]): (row: ContainerRow) => boolean {
  return (row) => of(row).some(matches);
}
