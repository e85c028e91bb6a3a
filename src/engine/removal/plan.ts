// A plan of removal: every object that would go, in order, with the exact bytes each frees given all before it, why it was
// chosen, and of those that cannot go everything that keeps them. Shapes and sums; the rules are in image-rules.ts.
import type { ContainerStatus } from "../../wire/docker.ts";
import { blobDiskBytes } from "../../store/store.ts";
import type { ChainId, Digest, ImageId } from "../../wire/oci.ts";
import type { Freed } from "./draft.ts";

export type ObjectKind = "image" | "tag" | "container" | "volume" | "network";

export interface FreedPart {
  what: "layer" | "config" | "manifest" | "writable layer" | "container files" | "volume data";
  id: string;
  /** Bytes on the disk. */
  bytes: number;
}

export interface PlanObject {
  kind: ObjectKind;
  /** Image or container ID; of a tag its canonical name. */
  id: string;
  /** As shown to people. */
  name: string;
  reason: string;
  frees: FreedPart[];
  freesBytes: number;
  /** Counted as Docker does in SpaceReclaimed. */
  dockerBytes: number;
  /** Of a tag: its image, and whether an event tells of its going. */
  imageId?: ImageId;
  announce?: boolean;
  /** Of a container: stopped first if it runs. Of an image: containers at rest don't keep it. */
  forced?: boolean;
  /** Of an image: layers gone with it, from the top down. */
  chains?: ChainId[];
}

export interface Blocker {
  kind: "container" | "image" | "tag" | "pin" | "lease" | "network" | "volume";
  id: string;
  name: string;
  /** How it holds the object. */
  how: string;
  state?: ContainerStatus;
}

export interface Kept {
  kind: ObjectKind;
  id: string;
  name: string;
  /** Docker's words for why it stays. */
  reason: string;
  blockers: Blocker[];
  /** A command line that would help. */
  suggestion?: string;
}

export interface Plan {
  /** What was asked for, e.g. "image prune". */
  what: string;
  objects: PlanObject[];
  kept: Kept[];
  freesBytes: number;
  dockerBytes: number;
}

export function sumPlan(what: string, objects: PlanObject[], kept: Kept[] = []): Plan {
  const sum = (of: (object: PlanObject) => number): number => objects.reduce((total, object) => total + of(object), 0);
  return { what, objects, kept, freesBytes: sum((object) => object.freesBytes), dockerBytes: sum((object) => object.dockerBytes) };
}

/** An object with what it frees. */
export function planned(base: Pick<PlanObject, "kind" | "id" | "name" | "reason"> & Partial<PlanObject>, frees: FreedPart[], dockerBytes: number): PlanObject {
  return { ...base, frees, freesBytes: frees.reduce((total, part) => total + part.bytes, 0), dockerBytes };
}

export function partsOf(freed: Freed, configDigest?: Digest): FreedPart[] {
  return [
    ...freed.diffs.map((row): FreedPart => ({ what: "layer", id: row.diffId, bytes: row.diskBytes })),
    ...freed.blobs.map((row): FreedPart => ({ what: row.digest === configDigest ? "config" : "manifest", id: row.digest, bytes: blobDiskBytes(row) })),
  ];
}

/** Docker counts the layers whose chain goes, whatever is shared under other chains. */
export function layerBytes(freed: Freed): number {
  return freed.layers.reduce((total, row) => total + row.sizeBytes, 0);
}
