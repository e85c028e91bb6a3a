// GET /images/json
import type { ImageRow, Reader } from "../../store/store.ts";
import type { Filters } from "../../wire/filters.ts";
import type { Engine } from "../engine.ts";
import { compileImageFilter, type ImageFilter } from "./filter.ts";
import { familiarNames, namesOf } from "./names.ts";

export interface ImageSummary {
  Containers: number;
  Created: number;
  Id: string;
  Labels: Readonly<Record<string, string>> | null;
  ParentId: string;
  RepoDigests: string[];
  RepoTags: string[];
  SharedSize: number;
  Size: number;
}

export interface ListImagesOptions {
  all?: boolean;
  filters: Filters;
  sharedSize?: boolean;
  /** Accepted; nothing is known per platform here. */
  manifests?: boolean;
}

/** Newest first. */
export function listImages({ store, clock }: Pick<Engine, "store" | "clock">, options: ListImagesOptions): ImageSummary[] {
  return store.view((tx) => {
    const filter = compileImageFilter(options.filters, { tx, nowMs: clock.nowMs(), purpose: "list" });
    const images = tx.images.list().filter((image) => filter.matches(image)).toSorted(newestFirst);
    const summaries: ImageSummary[] = [];
    for (const image of images) {
      const names = shownNames(tx, image, filter, options.all ?? false);
      if (names !== undefined) summaries.push(summarize(tx, image, names, options.sharedSize ?? false));
    }
    return summaries;
  });
}

/** Undefined for an image that is not to be listed. */
function shownNames(tx: Reader, image: ImageRow, filter: ImageFilter, all: boolean): { tags: string[]; digests: string[] } | undefined {
  const refs = namesOf(tx, image.id);
  const names = familiarNames(filter.filtersNames ? refs.filter((ref) => filter.showsName(ref)) : refs);
  const isParent = tx.images.any("parent", image.id);
  if (filter.dangling === true && (isParent || names.tags.length > 0)) return undefined;
  if (names.tags.length + names.digests.length > 0) return names;
  // no name: intermediate images only with --all; filters of names hide it
  if (filter.filtersNames || filter.dangling === false) return undefined;
  return all || !isParent ? names : undefined;
}

function summarize(tx: Reader, image: ImageRow, names: { tags: string[]; digests: string[] }, sharedSize: boolean): ImageSummary {
  return {
    Containers: tx.containers.count("image", image.id),
    Created: Math.floor(image.createdMs / 1000),
    Id: image.id,
    Labels: Object.keys(image.labels).length === 0 ? null : image.labels,
    ParentId: image.parent ?? "",
    RepoDigests: names.digests,
    RepoTags: names.tags,
    SharedSize: sharedSize ? sharedSizeOf(tx, image) : -1,
    Size: image.sizeBytes,
  };
}

/** Bytes of its layers that at least one other image stands on. */
export function sharedSizeOf(tx: Pick<Reader, "images" | "layers">, image: ImageRow): number {
  let shared = 0;
  for (const chainId of image.chainIds) {
    if (tx.images.count("chain", chainId) > 1) shared += tx.layers.find(chainId)?.sizeBytes ?? 0;
  }
  return shared;
}

function newestFirst(a: ImageRow, b: ImageRow): number {
  return b.createdMs - a.createdMs || (a.id < b.id ? -1 : 1);
}
