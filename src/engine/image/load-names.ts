// Names of loaded images: given, taken from others, and told to the client.
import type { Actor, ImageRow, Writer } from "../../store/store.ts";
import { familiarName } from "../../wire/reference.ts";
import type { Events } from "../events.ts";
import { setReference } from "./tag.ts";

export interface LoadedNames {
  image: ImageRow;
  /** Canonical. */
  names: readonly string[];
  nowMs: number;
  by: Actor;
}

/** Lines for the client. */
export function nameLoaded(tx: Writer, events: Events, { image, names, nowMs, by }: LoadedNames): string[] {
  return names.flatMap((name) => {
    const before = tx.refs.find(name);
    setReference(tx, events, { name, imageId: image.id, nowMs, by, announce: false });
    const taken = before === undefined || before.imageId === image.id ? [] : [`The image ${familiarName(name)} already exists, renaming the old one with ID ${before.imageId} to empty string\n`];
    return [...taken, `Loaded image: ${familiarName(name)}\n`];
  });
}
