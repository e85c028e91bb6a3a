// Everything that keeps an object, not only the first: containers with name and state, child images, names, pins, leases.
import { conflict, type EngineError } from "../../base/errors.ts";
import type { ContainerRow, ImageRow } from "../../store/store.ts";
import { familiarName, shortId } from "../../wire/reference.ts";
import type { Draft } from "./draft.ts";
import type { Blocker } from "./plan.ts";

export function imageBlockers(draft: Draft, image: ImageRow): Blocker[] {
  return [
    ...draft.users(image.id).map((row) => containerBlocker(row, row.imageId === image.id ? "made from it" : "mounts it")),
    ...draft.children(image.id).map((child): Blocker => ({ kind: "image", id: child.id, name: imageName(draft, child), how: "has it as parent" })),
    ...pinBlockers(draft, "image", image.id),
    ...draft.tx.leases.by("image", image.id).map((lease): Blocker => ({ kind: "lease", id: lease.id, name: lease.purpose, how: "works with it" })),
  ];
}

export function tagBlockers(draft: Draft, image: ImageRow): Blocker[] {
  return draft.refs(image.id).map((ref): Blocker => ({ kind: "tag", id: ref.name, name: familiarName(ref.name), how: "names it" }));
}

export function pinBlockers(draft: Draft, kind: string, id: string): Blocker[] {
  const pins = draft.tx.pins.by("object", id).filter((pin) => pin.kind === kind);
  return pins.map((pin): Blocker => ({ kind: "pin", id: pin.key, name: pin.reason ?? "pinned", how: "pins it" }));
}

export function isPinned(draft: Draft, kind: string, id: string): boolean {
  return draft.tx.pins.any("object", id) && pinBlockers(draft, kind, id).length > 0;
}

/** How an image is shown: its first name, else its short ID. */
export function imageName(draft: Draft, image: ImageRow): string {
  const ref = draft.refs(image.id)[0];
  return ref === undefined ? shortId(image.id) : familiarName(ref.name);
}

/** Docker's words, and beside them what is in the way and what to do. */
export function imageConflict(message: string, blockers: Blocker[], image: string): EngineError {
  return conflict(message, { blockers, ...suggestionFor(blockers, image) });
}

function containerBlocker(row: ContainerRow, how: string): Blocker {
  return { kind: "container", id: row.id, name: row.name, how, state: row.state.Status };
}

/** A command line that removes what is in the way first. Never for pins and leases: those are meant. */
function suggestionFor(blockers: readonly Blocker[], image: string): { suggestion?: string } {
  const pin = blockers.find((blocker) => blocker.kind === "pin");
  if (pin !== undefined) return { suggestion: `berth unpin image ${image}` };
  if (blockers.some((blocker) => blocker.kind === "lease")) return {};
  const containers = blockers.filter((blocker) => blocker.kind === "container");
  const children = blockers.filter((blocker) => blocker.kind === "image").map((blocker) => blocker.name);
  const steps: string[] = [];
  if (containers.length > 0) {
    const force = containers.some((blocker) => blocker.state === "running" || blocker.state === "paused" || blocker.state === "restarting");
    steps.push(`berth rm ${force ? "-f " : ""}${containers.map((blocker) => blocker.name).join(" ")}`);
  }
  if (children.length > 0) steps.push(`berth rmi ${children.join(" ")}`);
  // an ID with several names stays in the way of itself
  const force = steps.length === 0 || blockers.filter((blocker) => blocker.kind === "tag").length > 1;
  return { suggestion: [...steps, `berth rmi ${force ? "-f " : ""}${image}`].join(" && ") };
}
