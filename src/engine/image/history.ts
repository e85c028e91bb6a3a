// GET /images/{name}/history: what each layer was made by, newest first.
import { internal } from "../../base/errors.ts";
import type { ImageRow, Reader } from "../../store/store.ts";
import type { ImageConfig, Platform } from "../../wire/oci.ts";
import type { Engine } from "../engine.ts";
import { familiarNames, namesOf, resolveImage } from "./names.ts";
import { assertPlatform } from "./platform.ts";

export interface HistoryItem {
  Comment: string;
  Created: number;
  CreatedBy: string;
  Id: string;
  Size: number;
  Tags: string[] | null;
}

export function imageHistory({ store }: Pick<Engine, "store">, name: string, options: { platform?: Platform } = {}): HistoryItem[] {
  return store.view((tx) => {
    const { image } = resolveImage(tx, name);
    assertPlatform(image, name, options.platform);
    const items = fromConfig(tx, image, store.content.readJson<ImageConfig>(image.id));
    nameImages(tx, image, items);
    return items;
  });
}

function fromConfig(tx: Reader, image: ImageRow, config: ImageConfig): HistoryItem[] {
  let layer = 0;
  const items = (config.history ?? []).map((entry): HistoryItem => {
    let size = 0;
    if (entry.empty_layer !== true) {
      const chainId = image.chainIds[layer++];
      if (chainId === undefined) throw internal("too many non-empty layers in History section");
      size = tx.layers.find(chainId)?.sizeBytes ?? 0;
    }
    const created = entry.created === undefined ? 0 : Math.floor(Date.parse(entry.created) / 1000);
    return { Comment: entry.comment ?? "", Created: created, CreatedBy: entry.created_by ?? "", Id: "<missing>", Size: size, Tags: null };
  });
  return items.toReversed();
}

/** The image itself and its local parents, as far as they are here, stand beside the newest entries. */
function nameImages(tx: Reader, image: ImageRow, items: readonly HistoryItem[]): void {
  let current: ImageRow | undefined = image;
  for (const item of items) {
    if (current === undefined) return;
    const { tags } = familiarNames(namesOf(tx, current.id));
    item.Id = current.id;
    if (tags.length > 0) item.Tags = tags;
    current = current.parent === undefined ? undefined : tx.images.find(current.parent);
  }
}
