// POST /images/prune and /containers/prune. A second one at the same time waits for the first and finds less to do.
import { messageOf } from "../../base/errors.ts";
import type { Actor } from "../../store/store.ts";
import type { ImageDeleteItem } from "../../wire/docker.ts";
import type { Filters } from "../../wire/filters.ts";
import type { Engine } from "../engine.ts";
import { removeContainer } from "../container/remove.ts";
import { applyImages } from "./apply-images.ts";
import { measureContainers } from "./container-bytes.ts";
import { prunableContainers, sizesForPrune } from "./container-filter.ts";
import { planContainer, restReason } from "./container-plan.ts";
import { Draft } from "./draft.ts";
import { planImagePrune } from "./image-prune-plan.ts";
import { imageDeleteItems } from "./report.ts";

export interface ImagePruneReport {
  ImagesDeleted: ImageDeleteItem[] | null;
  SpaceReclaimed: number;
}

export interface ContainerPruneReport {
  ContainersDeleted: string[] | null;
  SpaceReclaimed: number;
}

/** Planned and carried out in one transaction. */
export async function pruneImages({ store, events, clock }: Pick<Engine, "store" | "events" | "clock">, filters: Filters, actor: Actor): Promise<ImagePruneReport> {
  return store.update((tx) => {
    const plan = planImagePrune(tx, filters, clock.nowMs());
    applyImages(tx, events, plan.objects, actor);
    events.add(tx, { type: "image", action: "prune", actorId: "", attributes: { reclaimed: String(plan.dockerBytes) }, by: actor });
    const items = imageDeleteItems(plan.objects);
    return { ImagesDeleted: items.length === 0 ? null : items, SpaceReclaimed: plan.dockerBytes };
  });
}

export async function pruneContainers(engine: Engine, filters: Filters, actor: Actor): Promise<ContainerPruneReport> {
  return engine.containerLocks.hold("container prune", async () => {
    const sizesAsked = await sizesForPrune(engine, filters);
    const rows = engine.store.view((tx) => prunableContainers(tx, filters, engine.clock.nowMs(), sizesAsked));
    const bytes = await measureContainers(engine, rows, { files: false });
    const removed: string[] = [];
    let reclaimed = 0;
    for (const row of rows) {
      const sizes = bytes.get(row.id) ?? { rwBytes: 0, rwDiskBytes: 0, filesBytes: 0 };
      const now = engine.store.view((tx) => tx.containers.find(row.id));
      if (now === undefined) continue;
      const object = engine.store.view((tx) => planContainer(new Draft(tx), { row: now, reason: restReason(now), force: false }, sizes));
      if ("blockers" in object) continue;
      if (!(await tryRemove(engine, row.id, actor))) continue;
      removed.push(row.id);
      reclaimed += object.dockerBytes;
    }
    engine.events.emit({ type: "container", action: "prune", actorId: "", attributes: { reclaimed: String(reclaimed) }, by: actor });
    return { ContainersDeleted: removed.length === 0 ? null : removed, SpaceReclaimed: reclaimed };
  });
}

/** As Docker: what fails is logged and left. */
async function tryRemove(engine: Engine, containerId: string, actor: Actor): Promise<boolean> {
  try {
    await removeContainer(engine, containerId, { force: false, volumes: false, actor });
    return true;
  } catch (error) {
    engine.log.warn("cannot prune a container", { container: containerId, error: messageOf(error) });
    return false;
  }
}
