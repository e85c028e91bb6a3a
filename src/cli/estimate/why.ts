// Why is it here, what needs it, what would go with it: estimated over what Docker lists. Pure.
import { notFound } from "../../base/errors.ts";
import type { Explanation } from "../removal/explanation.ts";
import type { PlanBlocker } from "../removal/plan.ts";
import { childrenOf, isRunning, usersOf } from "./bytes.ts";
import type { ContainerFact, Facts, ImageFact } from "./facts.ts";
import { findContainer, findImage } from "./find.ts";
import { estimatePlan } from "./plan.ts";

/** Looked up as `inspect` does, unless `kind` says which. */
export function estimateWhy(facts: Facts, name: string, kind: string): Explanation {
  const wanted = (which: string) => kind === "" || kind === which;
  const container = wanted("container") ? findContainer(facts, name) : undefined;
  if (container) return whyContainer(facts, container);
  const image = wanted("image") ? findImage(facts, name)?.image : undefined;
  if (image) return whyImage(facts, image);
  const volume = wanted("volume") ? facts.volumes.find((candidate) => candidate.name === name) : undefined;
  if (volume) return whySimple("volume", volume.name, volume.name, volume.createdMs, facts.containers.filter((user) => user.volumes.includes(name)).map((user) => blockerOf(user, "mounts it")), volume.sizeBytes);
  const network = wanted("network") ? facts.networks.find((candidate) => candidate.name === name || candidate.id.startsWith(name)) : undefined;
  if (!network) throw notFound(`No such ${kind === "" ? "object" : kind}: ${name}`);
  const users = facts.containers.filter((user) => user.networks.includes(network.name)).map((user) => blockerOf(user, "is connected to it"));
  const explanation = whySimple("network", network.id, network.name, network.createdMs, users, 0);
  return network.predefined ? { ...explanation, removal: { possible: false, needsForce: false, reason: "network is predefined", freesBytes: 0 } } : explanation;
}

function whySimple(kind: string, id: string, name: string, createdMs: number, usedBy: readonly PlanBlocker[], sizeBytes: number): Explanation {
  const free = usedBy.length === 0;
  return {
    kind,
    id,
    name,
    origin: { how: "create", atMs: createdMs },
    usedBy,
    uses: [],
    removal: { possible: free, needsForce: false, ...(free ? {} : { reason: `${kind} is in use` }), freesBytes: free ? sizeBytes : 0 },
    estimated: true,
  };
}

function whyContainer(facts: Facts, container: ContainerFact): Explanation {
  const image = facts.images.find((candidate) => candidate.id === container.imageId);
  const running = isRunning(container);
  return {
    kind: "container",
    id: container.id,
    name: container.name,
    origin: { how: "create", ...(image ? { from: image.names[0] ?? image.id } : {}), atMs: container.createdMs },
    usedBy: [],
    uses: [
      ...(image ? [{ kind: "image", id: image.id, name: image.names[0] ?? image.id }] : []),
      ...container.volumes.map((name) => ({ kind: "volume", id: name, name })),
      ...container.networks.map((name) => ({ kind: "network", id: name, name })),
    ],
    removal: { possible: true, needsForce: running, ...(running ? { reason: `it is ${container.state}` } : {}), freesBytes: container.sizeBytes },
    estimated: true,
  };
}

function whyImage(facts: Facts, image: ImageFact): Explanation {
  const usedBy: PlanBlocker[] = [
    ...usersOf(facts, image.id).map((user) => blockerOf(user, "made from it")),
    ...childrenOf(facts, image.id).map((child) => ({ kind: "image", id: child.id, name: child.names[0] ?? child.id, how: "has it as parent" })),
    ...image.names.map((name) => ({ kind: "tag", id: name, name, how: "names it" })),
  ];
  const parent = facts.images.find((candidate) => candidate.id === image.parentId);
  return {
    kind: "image",
    id: image.id,
    name: image.names[0] ?? image.id,
    origin: { how: "build or pull", atMs: image.createdMs },
    usedBy,
    uses: parent ? [{ kind: "image", id: parent.id, name: parent.names[0] ?? parent.id }] : [],
    removal: removalOf(facts, image),
    estimated: true,
  };
}

/** By ID: first as it is, then with -f. */
function removalOf(facts: Facts, image: ImageFact): Explanation["removal"] {
  const plan = (force: boolean) => estimatePlan(facts, { verb: "rmi", names: [image.id], options: { force } });
  const gentle = plan(false);
  if (gentle.kept.length === 0) return { possible: true, needsForce: false, freesBytes: gentle.freesBytes };
  const told = { reason: "it is in use or has several names", ...(gentle.kept[0]?.suggestion ? { suggestion: gentle.kept[0].suggestion } : {}) };
  const forced = plan(true);
  if (forced.kept.length > 0) return { possible: false, needsForce: false, ...told, freesBytes: 0 };
  return { possible: true, needsForce: true, ...told, freesBytes: forced.freesBytes };
}

function blockerOf({ id, name, state }: ContainerFact, how: string): PlanBlocker {
  return { kind: "container", id, name, state, how };
}
