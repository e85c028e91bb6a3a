// Names for images: POST /images/{name}/tag, and the one function through which every name is given.
import { invalid, kindOf, messageOf, notFound } from "../../base/errors.ts";
import type { Actor, ImageRow, Reader, RefRow, Writer } from "../../store/store.ts";
import type { Digest, ImageId } from "../../wire/oci.ts";
import { familiarName, parseReference } from "../../wire/reference.ts";
import type { Engine } from "../engine.ts";
import type { Events } from "../events.ts";
import { canonicalReference, resolveImage } from "./names.ts";

/** False if there was nothing to do: Docker takes an empty repository so. */
export function tagImage({ store, events, clock }: Pick<Engine, "store" | "events" | "clock">, name: string, repo: string, tag: string, actor: Actor): boolean {
  const canonical = parseTarget(repo, tag);
  if (canonical === undefined) return false;
  store.update((tx) => {
    const image = sourceImage(tx, name);
    setReference(tx, events, { name: canonical, imageId: image.id, nowMs: clock.nowMs(), by: actor, announce: true });
  });
  return true;
}

/** Here, what cannot be a name is not found. */
function sourceImage(tx: Reader, name: string): ImageRow {
  try {
    return resolveImage(tx, name).image;
  } catch (error) {
    throw kindOf(error) === "invalid" ? notFound(messageOf(error), {}, error) : error;
  }
}

export interface NewReference {
  /** Canonical: `docker.io/library/x:tag` or `docker.io/library/x@sha256:…`. */
  name: string;
  imageId: ImageId;
  nowMs: number;
  by?: Actor;
  /** Counts as tagging: event `tag` and the image's time of last tagging. Pulls and loads announce themselves. */
  announce: boolean;
}

/** Gives a name to an image; takes it from another that had it, which stays. Returns the row. */
export function setReference(tx: Writer, events: Events, input: NewReference): RefRow {
  const row = parseName(input);
  tx.refs.put(row);
  const image = tx.images.find(input.imageId);
  if (!input.announce || image === undefined) return row;
  tx.images.put({ ...image, lastTaggedMs: input.nowMs });
  events.add(tx, {
    type: "image",
    action: "tag",
    actorId: image.id,
    attributes: { ...image.labels, name: familiarName(row.name) },
    ...(input.by === undefined ? {} : { by: input.by }),
  });
  return row;
}

function parseName({ name, imageId, nowMs }: NewReference): RefRow {
  const at = name.indexOf("@");
  if (at >= 0) return { name, repository: name.slice(0, at), digest: name.slice(at + 1) as Digest, imageId, taggedMs: nowMs };
  const colon = name.lastIndexOf(":");
  return { name, repository: name.slice(0, colon), tag: name.slice(colon + 1), imageId, taggedMs: nowMs };
}

/** `repo` may bring its own tag; `tag` wins. */
function parseTarget(repo: string, tag: string): string | undefined {
  if (repo === "") return undefined;
  const reference = parseReference(repo);
  if (reference.digest !== undefined) throw invalid("cannot import digest reference");
  if (tag !== "" && !/^\w[\w.-]{0,127}$/.test(tag)) throw invalid("invalid tag format");
  if (reference.repository === "docker.io/library/sha256") throw invalid("refusing to create an ambiguous tag using digest algorithm as name");
  return canonicalReference(tag === "" ? reference : { ...reference, tag });
}
