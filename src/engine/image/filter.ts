// Filters of images, the same for listing and pruning: Docker's keys, and what it has no word for.
import { invalid } from "../../base/errors.ts";
import type { ImageRow, Reader, RefRow } from "../../store/store.ts";
import { filterBool, parseUntil, type Filters } from "../../wire/filters.ts";
import { matchReferenceGlob } from "../../wire/glob.ts";
import { anyOf, booleanOf, compileFilter, labelTerm, parseAgeMs, parseSizeBytes, type Terms } from "../object-filter.ts";
import { namesOf, resolveImage } from "./names.ts";

export interface ImageFilter {
  /** Everything but `dangling` and `reference`. */
  matches(image: ImageRow): boolean;
  /** False for names that `reference` leaves out. */
  showsName(ref: RefRow): boolean;
  filtersNames: boolean;
  dangling: boolean | undefined;
}

export interface FilterContext {
  tx: Reader;
  nowMs: number;
  /** Prune takes one `until` only and includes that moment; lists take the oldest of several, and leave it out. */
  purpose: "list" | "prune";
}

export function compileImageFilter(filters: Filters, context: FilterContext): ImageFilter {
  const rest = new Map(filters);
  for (const key of ["dangling", "dangling!", "reference", "reference!"]) rest.delete(key);
  const wanted = filters.get("reference");
  const unwanted = filters.get("reference!");
  return {
    matches: compileFilter(rest, termsOf(context)),
    showsName: (ref) => (wanted === undefined || matchesAny(wanted, ref)) && (unwanted === undefined || !matchesAny(unwanted, ref)),
    filtersNames: wanted !== undefined || unwanted !== undefined,
    dangling: danglingOf(filters),
  };
}

function matchesAny(patterns: readonly string[], ref: RefRow): boolean {
  return patterns.some((pattern) => matchReferenceGlob(pattern, ref.name));
}

/** In use: a container, running or not, was made from it or mounts it. */
export function isImageUsed(tx: Pick<Reader, "containers">, image: Pick<ImageRow, "id">): boolean {
  return tx.containers.any("image", image.id) || tx.containers.any("mountedImage", image.id);
}

/** Last time anything was done with it: a container made or started, or it came here. */
export function lastUseMs(image: ImageRow): number {
  return Math.max(image.lastUsedMs ?? 0, image.origin.atMs, image.lastTaggedMs);
}

function danglingOf(filters: Filters): boolean | undefined {
  const isNot = filterBool(filters, "dangling!");
  return filterBool(filters, "dangling") ?? (isNot === undefined ? undefined : !isNot);
}

function termsOf(context: FilterContext): Terms<ImageRow> {
  const { tx, nowMs } = context;
  return {
    label: labelTerm((image) => image.labels),
    before: (values) => {
      const times = values.map((name) => createdNs(resolveImage(tx, name).image)).filter((time) => time > 0n);
      return (image) => times.every((time) => image.createdMs !== 0 && createdNs(image) < time);
    },
    since: (values) => {
      const times = values.map((name) => createdNs(resolveImage(tx, name).image));
      return (image) => times.every((time) => image.createdMs !== 0 && createdNs(image) > time);
    },
    until: untilTerm(context),
    "pulled-before": (values) => {
      const times = values.map((value) => parseUntil(value, nowMs));
      return (image) => times.every((time) => image.origin.atMs < time);
    },
    "in-use": (values, key) => {
      const wanted = booleanOf(values, key);
      return (image) => isImageUsed(tx, image) === wanted;
    },
    "unused-for": (values, key) => {
      const ages = values.map((value) => parseAgeMs(value, key));
      return (image) => !isImageUsed(tx, image) && ages.every((age) => nowMs - lastUseMs(image) >= age);
    },
    "larger-than": (values, key) => {
      const sizes = values.map((value) => parseSizeBytes(value, key));
      return (image) => sizes.every((size) => image.sizeBytes > size);
    },
    "keep-last": (values, key) => {
      const newest = newestOfRepositories(tx, Math.max(...values.map((value) => parseCount(value, key))));
      return (image) => !newest.has(image.id);
    },
    id: anyOf((value) => (image) => image.id.startsWith(value) || image.id.slice("sha256:".length).startsWith(value)),
  };
}

/** The newest `count` images of each repository, by build date. */
function newestOfRepositories(tx: Reader, count: number): ReadonlySet<string> {
  const repositories = new Map<string, Set<ImageRow>>();
  for (const ref of tx.refs.list()) {
    const image = tx.images.find(ref.imageId);
    if (image !== undefined) repositories.set(ref.repository, (repositories.get(ref.repository) ?? new Set()).add(image));
  }
  const newest = new Set<string>();
  for (const images of repositories.values()) {
    for (const image of [...images].toSorted((a, b) => Number(createdNs(b) - createdNs(a))).slice(0, count)) newest.add(image.id);
  }
  return newest;
}

function parseCount(text: string, key: string): number {
  if (!/^\d{1,9}$/.test(text)) throw invalid(`invalid filter '${key}=[${text}]'`);
  return Number(text);
}

function untilTerm({ nowMs, purpose }: FilterContext): Terms<ImageRow>[string] {
  return (values) => {
    if (purpose === "prune" && values.length > 1) throw invalid("more than one until filter specified");
    const times = values.map((value) => parseUntil(value, nowMs));
    const passes = purpose === "prune" ? (created: number, time: number) => created <= time : (created: number, time: number) => created < time;
    return (image) => image.createdMs !== 0 && times.every((time) => passes(image.createdMs, time));
  };
}

/** Creation with the nanoseconds that `createdMs` lacks; 0 where there is none. */
export function createdNs(image: Pick<ImageRow, "created" | "createdMs">): bigint {
  if (image.createdMs === 0) return 0n;
  const fraction = /\.(\d+)/.exec(image.created)?.[1] ?? "";
  return BigInt(Math.floor(image.createdMs / 1000)) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
}

/** True if an image has any name that the filter shows. */
export function hasShownName(tx: Reader, image: ImageRow, filter: ImageFilter): boolean {
  return !filter.filtersNames || namesOf(tx, image.id).some((ref) => filter.showsName(ref));
}
