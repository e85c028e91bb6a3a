// The rules of `rmi`, estimated: names go one by one, the image with its last name, unless something holds it.
import { notFound } from "../../base/errors.ts";
import type { KeptObject, PlanBlocker, PlanRequest } from "../removal/plan.ts";
import { bytesFreed, childrenOf, isRunning, usersOf } from "./bytes.ts";
import type { ContainerFact, Facts, ImageFact } from "./facts.ts";
import { findImage, repositoryOf } from "./find.ts";
import { shortId } from "../short-id.ts";
import type { Draft } from "./plan.ts";

export function planImages(facts: Facts, { names = [], options = {} }: PlanRequest): Draft {
  const force = options["force"] === true;
  const left = new Map(facts.images.map((image) => [image.id, new Set(image.names)]));
  const draft: Draft = { objects: [], kept: [] };
  const going: { image: ImageFact; names: string[] }[] = [];
  for (const name of names) {
    const found = findImage(facts, name);
    if (!found) throw notFound(`No such image: ${name.includes(":") ? name : `${name}:latest`}`);
    const remaining = left.get(found.image.id)!;
    const kept = blockersOf(facts, found.image, remaining, found.reference, force, name);
    if (kept) {
      draft.kept.push(kept);
      continue;
    }
    const untagged = namesTaken(remaining, found.reference);
    for (const taken of untagged) remaining.delete(taken);
    const keeps = remaining.size > 0 || childrenOf(facts, found.image.id).length > 0 || usersOf(facts, found.image.id).some(isRunning);
    if (keeps) draft.objects.push({ kind: "tag", id: found.image.id, name: untagged.join(", "), freesBytes: 0, reason: keepReason(facts, found.image, remaining) });
    else going.push({ image: found.image, names: untagged });
  }
  const bytes = bytesFreed(facts, going.map((entry) => entry.image));
  for (const [index, { image, names: untagged }] of going.entries()) draft.objects.push({ kind: "image", id: image.id, name: untagged.join(", ") || shortId(image.id), freesBytes: bytes[index]!, reason: "its last name goes" });
  return draft;
}

/** A tag takes the digests of its repository along when it was the last. */
function namesTaken(remaining: ReadonlySet<string>, reference: string | undefined): string[] {
  if (reference === undefined) return [...remaining].toSorted();
  const repository = repositoryOf(reference);
  const others = [...remaining].filter((name) => name !== reference && repositoryOf(name) === repository);
  const lastTag = !reference.includes("@") && others.every((name) => name.includes("@"));
  return lastTag ? [reference, ...others] : [reference];
}

function keepReason(facts: Facts, image: ImageFact, remaining: ReadonlySet<string>): string {
  if (remaining.size > 0) return `the image stays as ${fewNames([...remaining].filter((name) => !name.includes("@")))}`;
  return childrenOf(facts, image.id).length > 0 ? "the image stays: others are built on it" : "the image stays: a running container uses it";
}

function fewNames(names: readonly string[]): string {
  const sorted = names.toSorted();
  return sorted.length <= 3 ? sorted.join(", ") : `${sorted.slice(0, 2).join(", ")} and ${sorted.length - 2} more`;
}

function blockersOf(facts: Facts, image: ImageFact, remaining: ReadonlySet<string>, reference: string | undefined, force: boolean, typed: string): KeptObject | undefined {
  const users = usersOf(facts, image.id);
  const repositories = new Set([...remaining].map(repositoryOf));
  const tags = [...remaining].filter((name) => !name.includes("@"));
  const single = remaining.size <= 1 || (repositories.size === 1 && tags.length <= 1);
  if (reference !== undefined) {
    if (force || !single || users.length === 0) return undefined;
    return { kind: "image", id: image.id, name: typed, blockers: users.map(containerBlocker), suggestion: `rm ${users.map((user) => user.name).join(" ")} first, or rmi -f ${typed} to drop the name only` };
  }
  const children = childrenOf(facts, image.id);
  if (children.length > 0) return { kind: "image", id: image.id, name: typed, blockers: children.map(imageBlocker), suggestion: "remove the images built on it first" };
  const running = users.filter(isRunning);
  if (running.length > 0) return { kind: "image", id: image.id, name: typed, blockers: running.map(containerBlocker), suggestion: `stop and rm ${running.map((user) => user.name).join(" ")} first` };
  if (force) return undefined;
  if (!single) return { kind: "image", id: image.id, name: typed, blockers: tags.map((name) => ({ kind: "tag", name })), suggestion: `rmi --all-tags ${typed}` };
  if (users.length > 0) return { kind: "image", id: image.id, name: typed, blockers: users.map(containerBlocker), suggestion: `rm ${users.map((user) => user.name).join(" ")} first` };
  return undefined;
}

function containerBlocker(container: ContainerFact): PlanBlocker {
  return { kind: "container", id: container.id, name: container.name, state: container.state };
}

function imageBlocker(image: ImageFact): PlanBlocker {
  return { kind: "image", id: image.id, name: image.names[0] };
}
