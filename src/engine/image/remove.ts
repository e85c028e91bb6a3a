// DELETE /images/{name}: one transaction: resolve, plan, apply. The rules are in removal/image-rules.ts.
import { invalid } from "../../base/errors.ts";
import type { Actor, Reader } from "../../store/store.ts";
import type { ImageDeleteItem } from "../../wire/docker.ts";
import type { Platform } from "../../wire/oci.ts";
import { parseReference } from "../../wire/reference.ts";
import type { Engine } from "../engine.ts";
import { applyImages } from "../removal/apply-images.ts";
import { Draft } from "../removal/draft.ts";
import { planImage, type ImageRequest } from "../removal/image-rules.ts";
import { imageDeleteItems } from "../removal/report.ts";
import { canonicalReference, resolveImage, shownReference } from "./names.ts";
import { assertPlatform } from "./platform.ts";

export interface RemoveImageOptions {
  force?: boolean;
  /** Leaves untagged parents. */
  noPrune?: boolean;
  platforms?: readonly Platform[];
  actor: Actor;
}

export async function removeImage({ store, events }: Pick<Engine, "store" | "events">, name: string, options: RemoveImageOptions): Promise<ImageDeleteItem[]> {
  return store.update((tx) => {
    const request = requestOf(tx, name, options);
    if ((options.platforms?.length ?? 0) > 1) throw invalid("multiple platforms are not supported");
    assertPlatform(request.image, name, options.platforms?.[0]);
    const objects = planImage(new Draft(tx), request);
    applyImages(tx, events, objects, options.actor);
    return imageDeleteItems(objects);
  });
}

/** What was typed, resolved: an ID or its beginning takes all names, a name only itself. */
export function requestOf(tx: Reader, name: string, options: Pick<RemoveImageOptions, "force" | "noPrune">): ImageRequest {
  const { image, byId } = resolveImage(tx, name);
  const reference = byId ? undefined : parseReference(name);
  return {
    image,
    typed: name,
    ...(reference === undefined ? {} : { refName: canonicalReference(reference), shown: shownReference(reference) }),
    force: options.force ?? false,
    noPrune: options.noPrune ?? false,
    reason: "asked for",
  };
}
