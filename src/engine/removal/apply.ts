// Carries out a plan that was shown: the whole of it, or nothing if the facts it was made from have changed.
import { conflict } from "../../base/errors.ts";
import type { Actor } from "../../store/store.ts";
import { removeContainer } from "../container/remove.ts";
import type { Engine } from "../engine.ts";
import { removeNetwork } from "../network/remove.ts";
import { removeVolume } from "../volume/remove.ts";
import { applyImages } from "./apply-images.ts";
import { Draft } from "./draft.ts";
import type { Plan, PlanObject } from "./plan.ts";
import { takePlan } from "./token.ts";
import { findChanges } from "./verify.ts";

export interface Applied {
  removed: readonly PlanObject[];
  freedBytes: number;
  dockerBytes: number;
}

export async function applyPlan(engine: Engine, token: string, actor: Actor): Promise<Applied> {
  const plan = takePlan(engine, token);
  engine.store.view((tx) => assertHolds(new Draft(tx), plan.objects));
  // these one by one, each with its own locks; then names and images in one transaction
  for (const object of plan.objects) {
    if (object.kind === "container") await removeContainer(engine, object.id, { force: object.forced ?? false, volumes: false, actor });
    if (object.kind === "network") await removeNetwork(engine, object.id, { actor });
    if (object.kind === "volume") await removeVolume(engine, object.id, { actor });
  }
  engine.store.update((tx) => {
    const images = plan.objects.filter((object) => object.kind === "tag" || object.kind === "image");
    assertHolds(new Draft(tx), images);
    applyImages(tx, engine.events, images, actor);
  });
  return { removed: plan.objects, freedBytes: plan.freesBytes, dockerBytes: plan.dockerBytes };
}

function assertHolds(draft: Draft, objects: Plan["objects"]): void {
  const changes = findChanges(draft, objects);
  if (changes.length > 0) throw conflict(`the plan is out of date: ${changes.join("; ")}`, { changes });
}
