// Plans estimated over Docker's lists, by Docker's rules of removal. Pure.
import { notFound } from "../../base/errors.ts";
import type { KeptObject, Plan, PlannedObject, PlanRequest } from "../removal/plan.ts";
import { bytesFreed, childrenOf, isRunning, usersOf } from "./bytes.ts";
import type { ContainerFact, Facts, ImageFact, NetworkFact, VolumeFact } from "./facts.ts";
import { checkFilters, passes } from "./filters.ts";
import { findContainer } from "./find.ts";
import { shortId } from "../short-id.ts";
import { planImages } from "./plan-images.ts";

export function estimatePlan(facts: Facts, request: PlanRequest): Plan {
  checkFilters(request);
  const { objects, kept } = DRAFTS[request.verb](facts, request);
  return { objects, kept, freesBytes: objects.reduce((sum, object) => sum + object.freesBytes, 0), estimated: true };
}

export interface Draft {
  readonly objects: PlannedObject[];
  readonly kept: KeptObject[];
}

const DRAFTS: Readonly<Record<PlanRequest["verb"], (facts: Facts, request: PlanRequest) => Draft>> = {
  rm: removeContainers,
  rmi: planImages,
  "prune-containers": pruneContainers,
  "prune-images": (facts, request) => pruneImages(facts, request, new Set()),
  "prune-networks": (facts, request) => pruneNetworks(facts, request, new Set()),
  "prune-volumes": (facts, request) => pruneVolumes(facts, request, new Set()),
  "prune-build": pruneBuild,
  "prune-system": pruneSystem,
};

function removeContainers(facts: Facts, { names = [], options = {} }: PlanRequest): Draft {
  const draft: Draft = { objects: [], kept: [] };
  for (const name of names) {
    const container = findContainer(facts, name);
    if (!container) throw notFound(`No such container: ${name}`);
    if (isRunning(container) && !options["force"]) {
      draft.kept.push({ kind: "container", id: container.id, name: container.name, reason: `it is ${container.state}`, blockers: [{ kind: "container", id: container.id, name: container.name, state: container.state }], suggestion: `stop it first, or rm -f ${container.name}` });
      continue;
    }
    draft.objects.push(containerObject(container, isRunning(container) ? `${container.state}: would be killed` : container.state));
    if (options["volumes"]) draft.objects.push(...anonymousVolumesOf(facts, container));
  }
  return draft;
}

function anonymousVolumesOf(facts: Facts, container: ContainerFact): PlannedObject[] {
  return facts.volumes.filter((volume) => volume.anonymous && container.volumes.includes(volume.name)).map((volume) => volumeObject(volume, `anonymous volume of ${container.name}`));
}

function containerObject(container: ContainerFact, reason: string): PlannedObject {
  return { kind: "container", id: container.id, name: container.name, freesBytes: container.sizeBytes, reason };
}

function volumeObject(volume: VolumeFact, reason: string): PlannedObject {
  return { kind: "volume", id: volume.name, name: volume.name, freesBytes: volume.sizeBytes, reason };
}

function pruneContainers(facts: Facts, request: PlanRequest): Draft {
  const going = facts.containers.filter((container) => !isRunning(container) && passes(request, container, facts.nowMs));
  return { objects: going.map((container) => containerObject(container, container.state)), kept: [] };
}

function pruneImages(facts: Facts, request: PlanRequest, goneContainers: ReadonlySet<string>): Draft {
  const all = request.options?.["all"] === true;
  const unused = (image: ImageFact) => usersOf(facts, image.id).every((container) => goneContainers.has(container.id));
  const wanted = facts.images.filter((image) => unused(image) && passes(request, image, facts.nowMs) && (all || isDangling(image)) && childrenOf(facts, image.id).length === 0);
  const bytes = bytesFreed(facts, wanted, goneContainers);
  return { objects: wanted.map((image, index) => ({ kind: "image", id: image.id, name: image.names.join(", ") || shortId(image.id), freesBytes: bytes[index]!, reason: isDangling(image) ? "dangling" : "no container uses it" })), kept: [] };
}

/** Without a tag; a digest alone does not keep an image. */
function isDangling(image: ImageFact): boolean {
  return image.names.every((name) => name.includes("@"));
}

function pruneNetworks(facts: Facts, request: PlanRequest, goneContainers: ReadonlySet<string>): Draft {
  const used = new Set(facts.containers.filter((container) => isRunning(container) && !goneContainers.has(container.id)).flatMap((container) => container.networks));
  const going = facts.networks.filter((network) => !network.predefined && !used.has(network.name) && passes(request, network, facts.nowMs));
  return { objects: going.map(networkObject), kept: [] };
}

function networkObject(network: NetworkFact): PlannedObject {
  return { kind: "network", id: network.id, name: network.name, freesBytes: 0, reason: "no running container is on it" };
}

function pruneVolumes(facts: Facts, request: PlanRequest, goneContainers: ReadonlySet<string>): Draft {
  const used = new Set(facts.containers.filter((container) => !goneContainers.has(container.id)).flatMap((container) => container.volumes));
  const all = request.options?.["all"] === true;
  const going = facts.volumes.filter((volume) => volume.local && !used.has(volume.name) && (all || volume.anonymous) && passes(request, volume, facts.nowMs));
  return { objects: going.map((volume) => volumeObject(volume, volume.anonymous ? "anonymous, unused" : "unused")), kept: [] };
}

function pruneBuild({ cacheBytes }: Facts): Draft {
  return { objects: cacheBytes > 0 ? [{ kind: "build cache", id: "", name: "", freesBytes: cacheBytes, reason: "not in use" }] : [], kept: [] };
}

function pruneSystem(facts: Facts, request: PlanRequest): Draft {
  const containers = pruneContainers(facts, request).objects;
  const gone = new Set(containers.map((object) => object.id));
  const volumes = request.options?.["volumes"] === true ? pruneVolumes(facts, { ...request, options: {} }, gone).objects : [];
  return { objects: [...containers, ...pruneNetworks(facts, request, gone).objects, ...volumes, ...pruneImages(facts, request, gone).objects, ...pruneBuild(facts).objects], kept: [] };
}
