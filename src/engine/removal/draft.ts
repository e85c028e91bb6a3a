// What would be left: the records with a growing list of removals laid over them. Counts what each removal frees, given
// all before it: a layer's bytes with its last holder. Pure; costs as much as what goes, not as what stays.
import type { BlobRow, ContainerRow, DiffRow, ImageRow, LayerRow, Reader, RefRow } from "../../store/store.ts";
import type { ChainId, DiffId, Digest, ImageId } from "../../wire/oci.ts";
import { namesOf } from "../image/names.ts";

export interface Freed {
  /** From the top down. */
  layers: LayerRow[];
  diffs: DiffRow[];
  blobs: BlobRow[];
}

export type DraftReader = Pick<Reader, "images" | "refs" | "layers" | "diffs" | "blobs" | "leases" | "containers" | "volumes" | "networks" | "pins">;

class Tally {
  private readonly counts = new Map<string, number>();
  add(key: string): void {
    this.counts.set(key, this.of(key) + 1);
  }
  of(key: string): number {
    return this.counts.get(key) ?? 0;
  }
}

export class Draft {
  private readonly gone = { images: new Set<string>(), refs: new Set<string>(), containers: new Set<string>(), layers: new Set<string>(), diffs: new Set<string>(), blobs: new Set<string>() };
  private readonly goneOn = { imagesOnChain: new Tally(), layersAbove: new Tally(), containersOnChain: new Tally(), layersOfDiff: new Tally(), imagesWithManifest: new Tally() };

  constructor(readonly tx: DraftReader) {}

  image(id: ImageId): ImageRow | undefined {
    return this.gone.images.has(id) ? undefined : this.tx.images.find(id);
  }

  hasRef(name: string): boolean {
    return !this.gone.refs.has(name) && this.tx.refs.has(name);
  }

  /** Names left, in Docker's order. */
  refs(imageId: ImageId): RefRow[] {
    return namesOf(this.tx, imageId).filter((ref) => !this.gone.refs.has(ref.name));
  }

  children(imageId: ImageId): ImageRow[] {
    return this.tx.images.by("parent", imageId).filter((image) => !this.gone.images.has(image.id));
  }

  isContainerGone(id: string): boolean {
    return this.gone.containers.has(id);
  }

  /** Containers made from an image or mounting it: running ones first, then by age. */
  users(imageId: ImageId): ContainerRow[] {
    const { containers } = this.tx;
    const rows = new Map<string, ContainerRow>();
    for (const row of [...containers.by("image", imageId), ...containers.by("mountedImage", imageId)]) {
      if (!this.gone.containers.has(row.id)) rows.set(row.id, row);
    }
    return [...rows.values()].toSorted((a, b) => Number(b.state.Running) - Number(a.state.Running) || a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1));
  }

  untag(ref: Pick<RefRow, "name">): void {
    this.gone.refs.add(ref.name);
  }

  removeImage(image: ImageRow): Freed {
    for (const ref of this.refs(image.id)) this.untag(ref);
    this.gone.images.add(image.id);
    for (const chainId of image.chainIds) this.goneOn.imagesOnChain.add(chainId);
    for (const digest of new Set(image.manifests.map((manifest) => manifest.digest))) this.goneOn.imagesWithManifest.add(digest);
    const freed = this.freeChain(image.chainIds.at(-1));
    freed.blobs = this.freeBlobs([image.id, ...image.manifests.map((manifest) => manifest.digest)]);
    return freed;
  }

  removeContainer(container: ContainerRow): Freed {
    this.gone.containers.add(container.id);
    if (container.chainId !== undefined) this.goneOn.containersOnChain.add(container.chainId);
    return this.freeChain(container.chainId);
  }

  private freeChain(top: ChainId | undefined): Freed {
    const freed: Freed = { layers: [], diffs: [], blobs: [] };
    for (let chainId = top; chainId !== undefined; ) {
      const layer: LayerRow | undefined = this.tx.layers.find(chainId);
      if (layer === undefined || this.gone.layers.has(chainId) || this.isHeld(chainId)) break;
      this.gone.layers.add(chainId);
      freed.layers.push(layer);
      if (layer.parent !== undefined) this.goneOn.layersAbove.add(layer.parent);
      this.goneOn.layersOfDiff.add(layer.diffId);
      const diff = this.freeDiff(layer.diffId);
      if (diff !== undefined) freed.diffs.push(diff);
      chainId = layer.parent;
    }
    return freed;
  }

  private isHeld(chainId: ChainId): boolean {
    const { images, layers, containers, leases } = this.tx;
    return (
      images.count("chain", chainId) > this.goneOn.imagesOnChain.of(chainId) ||
      layers.count("parent", chainId) > this.goneOn.layersAbove.of(chainId) ||
      containers.count("chain", chainId) > this.goneOn.containersOnChain.of(chainId) ||
      leases.any("chain", chainId)
    );
  }

  private freeDiff(diffId: DiffId): DiffRow | undefined {
    const { layers, leases, diffs } = this.tx;
    if (this.gone.diffs.has(diffId) || layers.count("diff", diffId) > this.goneOn.layersOfDiff.of(diffId) || leases.any("diff", diffId)) return undefined;
    this.gone.diffs.add(diffId);
    return diffs.find(diffId);
  }

  private freeBlobs(digests: readonly Digest[]): BlobRow[] {
    const { images, leases, blobs } = this.tx;
    return digests.flatMap((digest) => {
      const held = this.image(digest) !== undefined || images.count("manifest", digest) > this.goneOn.imagesWithManifest.of(digest) || leases.any("blob", digest);
      const row = held || this.gone.blobs.has(digest) ? undefined : blobs.find(digest);
      if (row === undefined) return [];
      this.gone.blobs.add(digest);
      return [row];
    });
  }
}
