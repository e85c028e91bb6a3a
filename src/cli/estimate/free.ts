// How to free so many bytes, estimated: unused images, the oldest first, as long as more is needed. Pure.
import type { Plan } from "../removal/plan.ts";
import { shortId } from "../short-id.ts";
import { bytesFreed, childrenOf, usersOf } from "./bytes.ts";
import type { Facts, ImageFact } from "./facts.ts";

export function estimateFree(facts: Facts, targetBytes: number): Plan {
  const unused = facts.images.filter((image) => usersOf(facts, image.id).length === 0 && childrenOf(facts, image.id).length === 0).toSorted((a, b) => a.createdMs - b.createdMs);
  let chosen: ImageFact[] = [];
  for (const image of unused) {
    if (sum(bytesFreed(facts, chosen)) >= targetBytes) break;
    chosen.push(image);
  }
  // what turned out not to be needed stays, the newest first
  for (const image of chosen.toReversed()) {
    const without = chosen.filter((other) => other !== image);
    if (sum(bytesFreed(facts, without)) >= targetBytes) chosen = without;
  }
  const bytes = bytesFreed(facts, chosen);
  const objects = chosen.map((image, index) => ({
    kind: "image",
    id: image.id,
    name: image.names.filter((name) => !name.includes("@")).join(", ") || shortId(image.id),
    freesBytes: bytes[index]!,
    reason: `unused, made ${new Date(image.createdMs).toISOString().slice(0, 10)}`,
  }));
  return { objects, kept: [], freesBytes: sum(bytes), estimated: true };
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}
