// Which images a prune takes: candidates by Docker's definition and the filters, each tried by the rules of removal.
import { EngineError } from "../../base/errors.ts";
import type { ImageRow, Reader } from "../../store/store.ts";
import type { Filters } from "../../wire/filters.ts";
import { compileImageFilter, hasShownName, type ImageFilter } from "../image/filter.ts";
import { createdNs } from "../image/filter.ts";
import { imageName } from "./blockers.ts";
import { Draft } from "./draft.ts";
import { planImage } from "./image-rules.ts";
import { sumPlan, type Blocker, type Kept, type Plan, type PlanObject } from "./plan.ts";

/** Without `dangling=false` only images without a tag; with it every image no container uses. */
export function planImagePrune(tx: Reader, filters: Filters, nowMs: number, draft: Draft = new Draft(tx)): Plan {
  const filter = compileImageFilter(filters, { tx, nowMs, purpose: "prune" });
  const danglingOnly = filter.dangling ?? true;
  const objects: PlanObject[] = [];
  const kept: Kept[] = [];
  for (const image of candidates(tx, filter, danglingOnly)) {
    // gone as a parent of an earlier one
    if (draft.image(image.id) === undefined) continue;
    const refusal = pruneImage(draft, image, filter, objects, danglingOnly);
    if (refusal !== undefined) kept.push(refusal);
  }
  return sumPlan("prune images", objects, kept);
}

function candidates(tx: Reader, filter: ImageFilter, danglingOnly: boolean): ImageRow[] {
  const images = tx.images.list().filter((image) => {
    const isParent = tx.images.any("parent", image.id);
    const refs = tx.refs.by("image", image.id);
    if (isParent && (danglingOnly || refs.length === 0)) return false;
    if (danglingOnly && refs.some((ref) => ref.digest === undefined)) return false;
    return filter.matches(image) && hasShownName(tx, image, filter);
  });
  // children before parents
  return images.toSorted((a, b) => Number(createdNs(b) - createdNs(a)) || (a.id < b.id ? -1 : 1));
}

/** Name after name, as Docker: a used image keeps its last one. */
function pruneImage(draft: Draft, image: ImageRow, filter: ImageFilter, objects: PlanObject[], danglingOnly: boolean): Kept | undefined {
  const reason = danglingOnly ? "has no tag" : "no container uses it";
  const refs = draft.refs(image.id).filter((ref) => filter.showsName(ref));
  const attempts = refs.length > 0 ? refs.map((ref) => ({ typed: ref.name, refName: ref.name })) : [{ typed: image.id }];
  let refusal: Kept | undefined;
  for (const attempt of attempts) {
    // left with an earlier one
    if ("refName" in attempt && !draft.hasRef(attempt.refName)) continue;
    try {
      objects.push(...planImage(draft, { image, ...attempt, force: false, noPrune: false, reason }));
    } catch (error) {
      if (!(error instanceof EngineError) || error.kind !== "conflict") throw error;
      refusal = { kind: "image", id: image.id, name: imageName(draft, image), reason: error.message, blockers: (error.detail["blockers"] ?? []) as Blocker[] };
    }
  }
  return draft.image(image.id) === undefined ? undefined : refusal;
}
