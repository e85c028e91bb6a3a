// How many bytes go when images go: the layers that only they hold. Containers hold their image's layers too.
import type { ContainerFact, Facts, ImageFact } from "./facts.ts";

/** Bytes per image removed, in the order given: a layer is counted for the last image that held it. */
export function bytesFreed(facts: Facts, removed: readonly ImageFact[], goneContainers: ReadonlySet<string> = new Set()): number[] {
  const holders = new Map<string, number>();
  const byId = new Map(facts.images.map((image) => [image.id, image]));
  const hold = (image: ImageFact | undefined, by: number) => {
    for (const { chain } of image?.layers ?? []) holders.set(chain, (holders.get(chain) ?? 0) + by);
  };
  for (const image of facts.images) hold(image, 1);
  for (const container of facts.containers) if (!goneContainers.has(container.id)) hold(byId.get(container.imageId), 1);
  return removed.map((image) => {
    hold(image, -1);
    return image.layers.filter(({ chain }) => (holders.get(chain) ?? 0) === 0).reduce((sum, layer) => sum + layer.sizeBytes, 0);
  });
}

export function usersOf(facts: Facts, imageId: string): readonly ContainerFact[] {
  return facts.containers.filter((container) => container.imageId === imageId);
}

export function childrenOf(facts: Facts, imageId: string): readonly ImageFact[] {
  return facts.images.filter((image) => image.parentId === imageId);
}

export function isRunning({ state }: ContainerFact): boolean {
  return state === "running" || state === "paused" || state === "restarting";
}
