// How to free so many bytes with the least regret: unused images, longest unused first, each counted by what its going
// really frees; what turns out not to be needed stays.
import { EngineError } from "../../base/errors.ts";
import type { ImageRow, Reader } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { isImageUsed, lastUseMs } from "../image/filter.ts";
import { Draft } from "./draft.ts";
import { planImage } from "./image-rules.ts";
import { sumPlan, type Plan, type PlanObject } from "./plan.ts";

/** Victims looked at again once there is enough. */
const RECONSIDERED = 50;

/** Less than asked for (see `freesBytes`) if all that is unused does not suffice. */
export function planFree({ store }: Pick<Engine, "store">, targetBytes: number): Plan {
  return store.view((tx) => {
    const victims = chooseVictims(tx, targetBytes);
    return sumPlan(`free ${targetBytes} bytes`, drawAll(tx, reconsider(tx, victims, targetBytes)));
  });
}

function chooseVictims(tx: Reader, targetBytes: number): ImageRow[] {
  const draft = new Draft(tx);
  const victims: ImageRow[] = [];
  let freed = 0;
  let waiting = longestUnusedFirst(tx);
  while (freed < targetBytes && waiting.length > 0) {
    const kept: ImageRow[] = [];
    for (const image of waiting) {
      if (freed >= targetBytes) return victims;
      const objects = drawImage(draft, image);
      freed += bytesOf(objects);
      (objects.length > 0 ? victims : kept).push(image);
    }
    // a parent can go once its children have
    if (kept.length === waiting.length) break;
    waiting = kept;
  }
  return victims;
}

/** Those used most recently first: does the rest suffice without it? */
function reconsider(tx: Reader, victims: readonly ImageRow[], targetBytes: number): ImageRow[] {
  let kept = [...victims];
  for (const image of victims.toReversed().slice(0, RECONSIDERED)) {
    const without = kept.filter((other) => other !== image);
    if (bytesOf(drawAll(tx, without)) >= targetBytes) kept = without;
  }
  return kept;
}

function longestUnusedFirst(tx: Reader): ImageRow[] {
  return tx.images
    .list()
    .filter((image) => !isImageUsed(tx, image) && !tx.pins.has(`image:${image.id}`))
    .toSorted((a, b) => lastUseMs(a) - lastUseMs(b) || (a.id < b.id ? -1 : 1));
}

function drawAll(tx: Reader, images: readonly ImageRow[]): PlanObject[] {
  const draft = new Draft(tx);
  return images.flatMap((image) => drawImage(draft, image));
}

/** Nothing for what is kept by a child or already gone as a parent. */
function drawImage(draft: Draft, image: ImageRow): PlanObject[] {
  if (draft.image(image.id) === undefined) return [];
  try {
    return planImage(draft, { image, typed: image.id, force: true, noPrune: false, reason: `not used since ${new Date(lastUseMs(image)).toISOString()}` });
  } catch (error) {
    if (error instanceof EngineError && error.kind === "conflict") return [];
    throw error;
  }
}

function bytesOf(objects: readonly PlanObject[]): number {
  return objects.reduce((sum, object) => sum + object.freesBytes, 0);
}
