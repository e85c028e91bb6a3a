// Names of loaded images: given, taken from others, and told to the client.
import { messageOf } from "../../base/errors.ts";
import type { Actor, ImageRow, Writer } from "../../store/store.ts";
import { canonicalName, familiarName, parseReference, withDefaultTag } from "../../wire/reference.ts";
import type { Events } from "../events.ts";
import { setReference } from "./tag.ts";

export interface LoadedNames {
  image: ImageRow;
  names: readonly string[];
  nowMs: number;
  by: Actor;
}

/** Lines for the client. */
export function nameLoaded(tx: Writer, events: Events, { image, names, nowMs, by }: LoadedNames): string[] {
  const lines: string[] = [];
  for (const text of names) {
    let name: string;
    try {
      const { domain, path, repository, tag } = withDefaultTag(parseReference(text));
      name = canonicalName({ domain, path, repository, tag: tag ?? "latest" });
    } catch (error) {
      lines.push(`Error parsing reference: ${JSON.stringify(text)} is not a valid repository/tag: ${messageOf(error)}\n`);
      continue;
    }
    const before = tx.refs.find(name);
    if (before !== undefined && before.imageId !== image.id) {
      lines.push(`The image ${familiarName(name)} already exists, renaming the old one with ID ${before.imageId} to empty string\n`);
    }
    setReference(tx, events, { name, imageId: image.id, nowMs, by, announce: false });
    lines.push(`Loaded image: ${familiarName(name)}\n`);
  }
  return names.length === 0 ? [`Loaded image ID: ${image.id}\n`] : lines;
}
