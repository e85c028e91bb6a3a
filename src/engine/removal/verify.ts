// Does a plan still hold? It is drawn again, object by object, on the records of now: anything different is told. Pure.
import type { ChainId, ImageId } from "../../wire/oci.ts";
import { pinBlockers } from "./blockers.ts";
import type { Draft } from "./draft.ts";
import { findConflict } from "./image-rules.ts";
import { partsOf, type Blocker, type FreedPart, type PlanObject } from "./plan.ts";
import { users } from "./volume-plan.ts";

/** What has changed since the plan was made; nothing if it can be carried out as it is. */
export function findChanges(draft: Draft, objects: readonly PlanObject[]): string[] {
  return objects.flatMap((object) => {
    const change = changeOf(draft, object);
    return change === undefined ? [] : [`${object.kind} ${object.name}: ${change}`];
  });
}

function changeOf(draft: Draft, object: PlanObject): string | undefined {
  if (object.kind === "tag") return redrawTag(draft, object);
  if (object.kind === "image") return redrawImage(draft, object);
  if (object.kind === "container") return redrawContainer(draft, object);
  return object.kind === "volume" ? redrawVolume(draft, object) : redrawNetwork(draft, object);
}

function redrawVolume(draft: Draft, object: PlanObject): string | undefined {
  if (!draft.tx.volumes.has(object.id)) return "is gone";
  return inTheWay([...users(draft, "volume", object.id, ""), ...pinBlockers(draft, "volume", object.id)]);
}

function redrawNetwork(draft: Draft, object: PlanObject): string | undefined {
  const row = draft.tx.networks.find(object.id);
  if (row === undefined) return "is gone";
  return inTheWay([...users(draft, "network", row.name, ""), ...pinBlockers(draft, "network", row.id)]);
}

function inTheWay(blockers: readonly Blocker[]): string | undefined {
  return blockers.length === 0 ? undefined : `is held by ${blockers.map((blocker) => `${blocker.kind} ${blocker.name}`).join(", ")} now`;
}

function redrawTag(draft: Draft, object: PlanObject): string | undefined {
  const ref = draft.hasRef(object.id) ? draft.tx.refs.find(object.id) : undefined;
  if (ref === undefined) return "is gone";
  if (ref.imageId !== object.imageId) return "names another image now";
  draft.untag(ref);
  return undefined;
}

function redrawImage(draft: Draft, object: PlanObject): string | undefined {
  const image = draft.image(object.id as ImageId);
  if (image === undefined) return "is gone";
  if (draft.refs(image.id).length > 0) return "has further names now";
  const conflict = findConflict(draft, image, { soft: object.forced !== true, references: false });
  if (conflict !== undefined) return conflict.error(object.name).message;
  const freed = draft.removeImage(image);
  const chains: ChainId[] = freed.layers.map((layer) => layer.chainId);
  return sameList(chains, object.chains ?? []) && sameParts(partsOf(freed, image.id), object.frees) ? undefined : "frees something else now";
}

function redrawContainer(draft: Draft, object: PlanObject): string | undefined {
  const row = draft.tx.containers.find(object.id);
  if (row === undefined) return "is gone";
  if (row.state.Running && object.forced !== true) return `is ${row.state.Status} now`;
  if (pinBlockers(draft, "container", row.id).length > 0) return "is pinned now";
  const parts = partsOf(draft.removeContainer(row));
  // its own files were measured, not counted from records
  const before = object.frees.filter((part) => part.what === "layer");
  return sameParts(parts, before) ? undefined : "frees something else now";
}

function sameParts(a: readonly FreedPart[], b: readonly FreedPart[]): boolean {
  return sameList(a.map((part) => `${part.id} ${part.bytes}`), b.map((part) => `${part.id} ${part.bytes}`));
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
