// `images --sort`: newest, largest, most recently used or by name first.
import type { ImageExtra, ImageSummary } from "./image-row.ts";

export const SORT_KEYS: readonly string[] = ["created", "size", "used", "name"];

export interface ImageUse extends ImageExtra {
  /** Milliseconds since 1970; 0 for never. */
  lastUsedMs(imageId: string): number;
}

export function sortImages(images: readonly ImageSummary[], key: string, reverse: boolean, use?: ImageUse): ImageSummary[] {
  const orders: Record<string, (a: ImageSummary, b: ImageSummary) => number> = {
    created: (a, b) => b.Created - a.Created,
    size: (a, b) => b.Size - a.Size,
    used: (a, b) => (use?.lastUsedMs(b.Id) ?? 0) - (use?.lastUsedMs(a.Id) ?? 0),
    name: byName,
  };
  const order = orders[key];
  const sorted = order ? [...images].toSorted((a, b) => order(a, b) || byName(a, b)) : [...images];
  return reverse ? sorted.toReversed() : sorted;
}

function firstName(image: ImageSummary): string {
  return [...(image.RepoTags ?? [])].toSorted()[0] ?? image.RepoDigests?.[0] ?? "~";
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const byName = (a: ImageSummary, b: ImageSummary) => compareText(firstName(a), firstName(b));
