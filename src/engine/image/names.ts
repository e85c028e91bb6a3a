// Finding an image by what a person typed: a reference first, then an ID or its beginning.
import { notFound } from "../../base/errors.ts";
import type { ImageRow, Reader, RefRow } from "../../store/store.ts";
import type { ImageId } from "../../wire/oci.ts";
import { canonicalName, familiarName, parseReference, withDefaultTag, type Reference } from "../../wire/reference.ts";

export interface ResolvedImage {
  image: ImageRow;
  /** The name it was found by. */
  ref?: RefRow;
  /** What was typed is the beginning of the image's ID, even if it was found as a name: rules for IDs apply then. */
  byId: boolean;
}

type Names = Pick<Reader, "images" | "refs">;

/** `not_found` with the familiar name, its tag filled in; `invalid` for what can be neither name nor ID. */
export function resolveImage(tx: Names, name: string): ResolvedImage {
  const fullId = /^(?:sha256:)?([0-9a-f]{64})$/.exec(name)?.[1];
  if (fullId !== undefined) {
    const image = tx.images.find(`sha256:${fullId}`);
    if (image === undefined) throw notFound(`No such image: sha256:${fullId}`);
    return { image, byId: true };
  }
  const canonical = canonicalReference(parseReference(name));
  const ref = tx.refs.find(canonical);
  const named = ref === undefined ? undefined : tx.images.find(ref.imageId);
  if (ref !== undefined && named !== undefined) return { image: named, ref, byId: isIdPrefixOf(named.id, name) };
  const image = findByIdPrefix(tx, name);
  if (image === undefined) throw notFound(`No such image: ${shownReference(parseReference(name))}`);
  return { image, byId: true };
}

/** The key of RefRow a reference means: by digest if it has one, else by tag, `latest` if it has neither. */
export function canonicalReference(reference: Reference): string {
  return canonicalName(withDefaultTag(reference));
}

/** All names of an image as Docker orders them: lexically, so tags of a repository before its digests. */
export function namesOf(tx: Pick<Reader, "refs">, imageId: ImageId): RefRow[] {
  const refs = tx.refs.by("image", imageId);
  return refs.length < 2 ? refs : refs.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Familiar names of an image, tags and digests apart. */
export function familiarNames(refs: readonly RefRow[]): { tags: string[]; digests: string[] } {
  const tags: string[] = [];
  const digests: string[] = [];
  for (const ref of refs) (ref.digest === undefined ? tags : digests).push(familiarName(ref.name));
  return { tags, digests };
}

/** Tag and digest both, where both were typed. */
export function shownReference(reference: Reference): string {
  const { repository, tag, digest } = withDefaultTag(reference);
  return familiarName(repository + (tag === undefined ? "" : `:${tag}`) + (digest === undefined ? "" : `@${digest}`));
}

/** Undefined also when several begin so: Docker says "No such image" then. */
function findByIdPrefix(tx: Names, text: string): ImageRow | undefined {
  const hex = text.startsWith("sha256:") ? text.slice("sha256:".length) : text;
  if (!/^[0-9a-f]+$/.test(hex)) return undefined;
  const found = tx.images.idsWithPrefix(`sha256:${hex}`, 2);
  const only = found.length === 1 ? found[0] : undefined;
  return only === undefined ? undefined : tx.images.find(only);
}

function isIdPrefixOf(imageId: ImageId, text: string): boolean {
  return imageId.startsWith(text) || imageId.slice("sha256:".length).startsWith(text);
}
