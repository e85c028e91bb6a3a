// Last use of an image: counted when a container is made from it or started.
import type { Actor, Writer } from "../../store/store.ts";
import type { ImageId } from "../../wire/oci.ts";

/** Nothing happens if the image is gone (a container may outlive it). */
export function touchImage(tx: Pick<Writer, "images">, imageId: ImageId, nowMs: number, by: Actor = {}): void {
  const image = tx.images.find(imageId);
  if (image !== undefined) tx.images.put({ ...image, lastUsedMs: nowMs, lastUsedBy: by, useCount: image.useCount + 1 });
}
