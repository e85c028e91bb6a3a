// Carries out the names and images of a plan inside the transaction it was made in, without deciding anything.
import type { Actor, Writer } from "../../store/store.ts";
import type { ImageId } from "../../wire/oci.ts";
import type { Events } from "../events.ts";
import type { PlanObject } from "./plan.ts";

export function applyImages(tx: Writer, events: Events, objects: readonly PlanObject[], actor: Actor): void {
  for (const object of objects) {
    if (object.kind === "tag") applyUntag(tx, events, object, actor);
    if (object.kind === "image") applyDelete(tx, events, object.id as ImageId, actor);
  }
}

function applyUntag(tx: Writer, events: Events, object: PlanObject, by: Actor): void {
  tx.refs.remove(object.id);
  const image = object.imageId === undefined ? undefined : tx.images.find(object.imageId);
  if (object.announce !== true || image === undefined) return;
  events.add(tx, { type: "image", action: "untag", actorId: image.id, attributes: { ...image.labels, name: image.id }, by });
}

function applyDelete(tx: Writer, events: Events, imageId: ImageId, by: Actor): void {
  const image = tx.images.find(imageId);
  if (image === undefined) return;
  tx.images.remove(imageId);
  const top = image.chainIds.at(-1);
  tx.release({ chains: top === undefined ? [] : [top], blobs: [imageId, ...image.manifests.map((manifest) => manifest.digest)] });
  events.add(tx, { type: "image", action: "delete", actorId: imageId, attributes: { name: imageId }, by });
}
