// Parents that came along in an archive, as `docker save` writes them for images of the old builder and of commits.
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { invalid } from "../../base/errors.ts";
import type { Writer } from "../../store/store.ts";
import type { ImageConfig, ImageId } from "../../wire/oci.ts";
import type { ArchivedImage } from "./load-images.ts";

/** Image → its parent, of the same archive. */
export function parentsOf(images: readonly ArchivedImage[]): Map<ImageId, ImageId> {
  const loaded = new Map(images.map((image) => [idOf(image), image]));
  const parents = new Map<ImageId, ImageId>();
  for (const [id, image] of loaded) {
    const parentId = image.parent as ImageId | undefined;
    const parent = parentId === undefined ? undefined : loaded.get(parentId);
    if (parentId === undefined || parent === undefined || parentId === id) continue;
    if (!isParent(parent.config, image.config)) throw invalid(`image ${parentId} is not a valid parent for ${id}`);
    parents.set(id, parentId);
  }
  return parents;
}

export function linkParents(tx: Writer, parents: ReadonlyMap<ImageId, ImageId>): void {
  for (const [id, parent] of parents) {
    const row = tx.images.find(id);
    if (row !== undefined && tx.images.find(parent) !== undefined) tx.images.put({ ...row, parent });
  }
}

/** An image's history is its parent's and one line more. */
function isParent({ history: above = [] }: ImageConfig, { history = [] }: ImageConfig): boolean {
  if (above.length === 0 && history.length === 0) return true;
  return history.length === above.length + 1 && above.every((entry, index) => isDeepStrictEqual(entry, history[index]));
}

function idOf({ configBytes }: ArchivedImage): ImageId {
  return `sha256:${createHash("sha256").update(configBytes).digest("hex")}`;
}
