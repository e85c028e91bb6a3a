// DELETE /images/{name}: one transaction: resolve, plan, apply. The rules are in removal/image-rules.ts.
import { invalid, notFound } from "../../base/errors.ts";
import type { Actor, ImageRow, Reader } from "../../store/store.ts";
import type { ImageDeleteItem } from "../../wire/docker.ts";
import type { Platform } from "../../wire/oci.ts";
import { parseReference } from "../../wire/reference.ts";
import type { Engine } from "../engine.ts";
import { applyImages } from "../removal/apply-images.ts";
import { Draft } from "../removal/draft.ts";
import { planImage, type ImageRequest } from "../removal/image-rules.ts";
import { imageDeleteItems } from "../removal/report.ts";
import { canonicalReference, resolveImage } from "./names.ts";

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
    checkPlatform(request.image, name, options.platforms ?? []);
    const objects = planImage(new Draft(tx), request);
    applyImages(tx, events, objects, options.actor);
    return imageDeleteItems(objects);
  });
}

/** What was typed, resolved: an ID or its beginning takes all names, a name only itself. */
export function requestOf(tx: Reader, name: string, options: Pick<RemoveImageOptions, "force" | "noPrune">): ImageRequest {
  const { image, byId } = resolveImage(tx, name);
  return {
    image,
    typed: name,
    ...(byId ? {} : { refName: canonicalReference(parseReference(name)) }),
    force: options.force ?? false,
    noPrune: options.noPrune ?? false,
    reason: "asked for",
  };
}

/** The unpacked image is of one platform: a platform given can only match or not. */
function checkPlatform(image: ImageRow, name: string, platforms: readonly Platform[]): void {
  if (platforms.length > 1) throw invalid("multiple platforms are not supported");
  const [wanted] = platforms;
  if (wanted === undefined) return;
  const variantDiffers = wanted.variant !== undefined && image.variant !== undefined && wanted.variant !== image.variant;
  if (wanted.os === image.os && wanted.architecture === image.architecture && !variantDiffers) return;
  const has = formatPlatform(image);
  throw notFound(`image with reference ${name} was found but its platform (${has}) does not match the specified platform (${formatPlatform(wanted)})`);
}

function formatPlatform({ os, architecture, variant }: { os: string; architecture: string; variant?: string | undefined }): string {
  return [os, architecture, ...(variant === undefined || variant === "" ? [] : [variant])].join("/");
}
