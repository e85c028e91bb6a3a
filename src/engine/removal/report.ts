// A plan's objects in the words of Docker's reports.
import type { ImageDeleteItem } from "../../wire/docker.ts";
import type { PlanObject } from "./plan.ts";

/** `Untagged` per name, `Deleted` for the image and each layer that went with it, in order. */
export function imageDeleteItems(objects: readonly PlanObject[]): ImageDeleteItem[] {
  return objects.flatMap((object): ImageDeleteItem[] => {
    if (object.kind === "tag") return [{ Untagged: object.name }];
    if (object.kind === "image") return [{ Deleted: object.id }, ...(object.chains ?? []).map((chainId) => ({ Deleted: chainId }))];
    return [];
  });
}
