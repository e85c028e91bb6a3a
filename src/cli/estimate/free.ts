// How to free so many bytes, estimated: unused images, the oldest first, as long as more is needed. Pure.
import type { Plan } from "../removal/plan.ts";
import { shortId } from "../short-id.ts";
import { bytesFreed, childrenOf, usersOf } from "./bytes.ts";
import type { Facts, ImageFact } from "./facts.ts";

export function estimateFree(facts: Facts, targetBytes: number): Plan {
  const unused = facts.images.filter((image) => usersOf(facts, image.id).length === 0).toSorted((a, b) => a.createdMs - b.createdMs);
  let chosen: ImageFact[] = [];
  const isEnough = () => sum(bytesFreed(facts, chosen)) >= targetBytes;
  // a parent can go once its children have
  const next = () => unused.find((image) => !chosen.includes(image) && childrenOf(facts, image.id).every((child) => chosen.includes(child)));
  for (let image = next(); image !== undefined && !isEnough(); image = next()) chosen.push(image);
  // what turned out not to be needed stays, the newest first
  for (const image of chosen.toReversed()) {
    const without = chosen.filter((other) => other !== image);
    if (chosen.some((other) => other.id === image.parentId)) continue;
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
