// Docker's rules for removing an image, on a draft. A name given: that name goes first (and with the last tag of a repository
// its digests); if names are left, that was all; else the image is tried, and stays without a word if a container or child
// needs it. An ID given: all names go if they are one repository's with one tag at most; otherwise -f is needed. What
// conflicts: children, running containers and our pins and leases even with -f; stopped containers and further names without.
import type { EngineError } from "../../base/errors.ts";
import type { ImageRow, RefRow } from "../../store/store.ts";
import type { ImageId } from "../../wire/oci.ts";
import { familiarName, shortId } from "../../wire/reference.ts";
import { imageBlockers, imageConflict, isPinned, tagBlockers } from "./blockers.ts";
import type { Draft } from "./draft.ts";
import { layerBytes, partsOf, planned, type PlanObject } from "./plan.ts";

export interface ImageRequest {
  image: ImageRow;
  /** As typed, for texts. */
  typed: string;
  /** Canonical name to remove; undefined if an ID was given. */
  refName?: string;
  /** How that name is told: tag and digest both, where both were typed. */
  shown?: string;
  force: boolean;
  noPrune: boolean;
  reason: string;
}

/** Draws the removal into the draft; returns what goes. Throws `conflict` before anything is drawn. */
export function planImage(draft: Draft, request: ImageRequest): PlanObject[] {
  return request.refName === undefined ? planById(draft, request) : planByName(draft, request, request.refName);
}

function planByName(draft: Draft, request: ImageRequest, refName: string): PlanObject[] {
  const { image, typed, force } = request;
  if (isSingleReference(draft.refs(image.id))) {
    if (isPinned(draft, "image", image.id)) throw imageConflict(`conflict: unable to remove repository reference "${typed}" (cannot be forced) - image ${shortId(image.id)} is pinned`, imageBlockers(draft, image), typed);
    const user = draft.users(image.id)[0];
    if (user !== undefined && !force) {
      throw imageConflict(
        `conflict: unable to remove repository reference "${typed}" (must force) - container ${shortId(user.id)} is using its referenced image ${shortId(image.id)}`,
        imageBlockers(draft, image),
        typed,
      );
    }
  }
  const objects = [untag(draft, image.id, refName, request.reason, true, request.shown)];
  if (!refName.includes("@")) objects.push(...untagOrphanedDigests(draft, image.id, refName));
  if (draft.refs(image.id).length > 0) return objects;
  return [...objects, ...deleteImage(draft, image, { ...request, quiet: true })];
}

/** Digests of a repository leave with its last tag on the image, without an event of their own. */
function untagOrphanedDigests(draft: Draft, imageId: ImageId, refName: string): PlanObject[] {
  const repository = refName.slice(0, refName.lastIndexOf(":"));
  const siblings = draft.refs(imageId).filter((ref) => ref.repository === repository);
  if (siblings.some((ref) => ref.digest === undefined)) return [];
  return siblings.map((ref) => untag(draft, imageId, ref.name, "the last tag of its repository goes", false));
}

function planById(draft: Draft, request: ImageRequest): PlanObject[] {
  const { image, force } = request;
  const refs = draft.refs(image.id);
  const objects: PlanObject[] = [];
  if (isSingleReference(refs)) {
    const found = findConflict(draft, image, { soft: !force, references: false });
    if (found !== undefined) throw found.error(request.typed);
    for (const ref of refs) objects.push(untag(draft, image.id, ref.name, request.reason, true));
  }
  return [...objects, ...deleteImage(draft, image, { ...request, quiet: false })];
}

type DeleteOptions = Pick<ImageRequest, "typed" | "force" | "noPrune" | "reason"> & { quiet: boolean };

function deleteImage(draft: Draft, image: ImageRow, options: DeleteOptions): PlanObject[] {
  const found = findConflict(draft, image, { soft: !options.force, references: !options.force });
  if (found !== undefined) {
    const isDangling = draft.refs(image.id).length === 0 && draft.children(image.id).length === 0;
    if (options.quiet && (!isDangling || found.used)) return [];
    throw found.error(options.typed);
  }
  const objects = draft.refs(image.id).map((ref) => untag(draft, image.id, ref.name, options.reason, true));
  const name = shortId(image.id);
  const freed = draft.removeImage(image);
  const chains = freed.layers.map((layer) => layer.chainId);
  objects.push(planned({ kind: "image", id: image.id, name, reason: options.reason, chains, ...(options.force ? { forced: true } : {}) }, partsOf(freed, image.id), layerBytes(freed)));
  const parent = image.parent === undefined || options.noPrune ? undefined : draft.image(image.parent);
  if (parent === undefined) return objects;
  const upward = { typed: shortId(parent.id), force: false, noPrune: false, quiet: true, reason: "parent that nothing needs any more" };
  return [...objects, ...deleteImage(draft, parent, upward)];
}

function untag(draft: Draft, imageId: ImageId, refName: string, reason: string, announce: boolean, name = familiarName(refName)): PlanObject {
  draft.untag({ name: refName });
  return planned({ kind: "tag", id: refName, name, reason, imageId, announce }, [], 0);
}

export interface Conflict {
  /** By a container: stays silent where Docker is. */
  used: boolean;
  error(typed: string): EngineError;
}

/** The first conflict in Docker's order. Pins and leases, which Docker has not, count as use that cannot be forced. */
export function findConflict(draft: Draft, image: ImageRow, check: { soft: boolean; references: boolean }): Conflict | undefined {
  const make = (forcing: string, why: string, used: boolean): Conflict => ({
    used,
    error: (typed) => imageConflict(`conflict: unable to delete ${shortId(image.id)} (${forcing}) - ${why}`, [...imageBlockers(draft, image), ...tagBlockers(draft, image)], typed),
  });
  if (draft.tx.images.any("parent", image.id) && draft.children(image.id).length > 0) return make("cannot be forced", "image has dependent child images", false);
  const users = draft.users(image.id);
  const running = users.find((row) => row.state.Running);
  if (running !== undefined) return make("cannot be forced", `image is being used by running container ${shortId(running.id)}`, true);
  if (isPinned(draft, "image", image.id)) return make("cannot be forced", "image is pinned", true);
  const lease = draft.tx.leases.by("image", image.id)[0];
  if (lease !== undefined) return make("cannot be forced", `image is being used by ${lease.purpose}`, true);
  if (check.references && draft.refs(image.id).length > 0) return make("must be forced", "image is referenced in multiple repositories", false);
  const stopped = check.soft ? users[0] : undefined;
  return stopped === undefined ? undefined : make("must be forced", `image is being used by stopped container ${shortId(stopped.id)}`, true);
}

/** One repository with one tag at most (and any number of digests), or a single name. */
function isSingleReference(refs: readonly RefRow[]): boolean {
  if (refs.length <= 1) return true;
  const tags = refs.filter((ref) => ref.digest === undefined);
  const repositories = new Set(refs.map((ref) => ref.repository));
  return tags.length <= 1 && repositories.size === 1;
}
