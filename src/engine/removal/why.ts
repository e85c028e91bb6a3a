// Why is it here, what needs it, what would go with it: everything known of one object.
import { EngineError, notFound } from "../../base/errors.ts";
import type { Actor, ContainerRow, ImageRow, NetworkRow, Reader, VolumeRow } from "../../store/store.ts";
import { findNetwork } from "../network/resolve.ts";
import { resolveContainer } from "../container/names.ts";
import type { Engine } from "../engine.ts";
import { measureVolumes } from "../system/volume-bytes.ts";
import { familiarNames, namesOf, resolveImage } from "../image/names.ts";
import { imageBlockers, imageName, pinBlockers, tagBlockers } from "./blockers.ts";
import { measureContainers } from "./container-bytes.ts";
import { planContainer } from "./container-plan.ts";
import { Draft } from "./draft.ts";
import { planImage } from "./image-rules.ts";
import type { Blocker, ObjectKind, PlanObject } from "./plan.ts";

export interface Explanation {
  kind: ObjectKind;
  id: string;
  name: string;
  /** How, when and by whom it came. */
  origin: { how: string; from?: string; atMs: number; by?: Actor };
  lastUsedMs?: number;
  lastUsedBy?: Actor;
  useCount?: number;
  /** Everything that needs it. */
  usedBy: Blocker[];
  /** What it needs itself, by kind and name. */
  uses: { kind: ObjectKind; id: string; name: string }[];
  /** What removing it would mean; with -f where that is needed. */
  removal: { possible: boolean; needsForce: boolean; reason?: string; suggestion?: string; freesBytes: number; objects: PlanObject[] };
}

type Parts = Pick<Engine, "store" | "log">;

/** Looked up as `inspect` does: container, image, volume, network, unless `kind` says which. */
export async function explain(engine: Parts, name: string, kind?: "container" | "image" | "volume" | "network"): Promise<Explanation> {
  const found = engine.store.view((tx) => find(tx, name, kind));
  if ("container" in found) return explainContainer(engine, found.container);
  if ("volume" in found) return explainVolume(engine, found.volume);
  return engine.store.view((tx) => ("image" in found ? explainImage(tx, found.image) : explainNetwork(tx, found.network)));
}

type Found = { container: ContainerRow } | { image: ImageRow } | { volume: VolumeRow } | { network: NetworkRow };

function find(tx: Reader, name: string, kind: string | undefined): Found {
  const wanted = (which: string): boolean => kind === undefined || kind === which;
  const container = wanted("container") ? orUndefined(() => resolveContainer(tx, name)) : undefined;
  if (container !== undefined) return { container };
  const image = wanted("image") ? orUndefined(() => resolveImage(tx, name).image) : undefined;
  if (image !== undefined) return { image };
  const volume = wanted("volume") ? tx.volumes.find(name) : undefined;
  if (volume !== undefined) return { volume };
  const network = wanted("network") ? findNetwork(tx, name) : undefined;
  if (network !== undefined) return { network };
  throw notFound(`No such ${kind ?? "object"}: ${name}`);
}

/** Not found, or no name of this kind at all. */
function orUndefined<T>(resolve: () => T): T | undefined {
  try {
    return resolve();
  } catch (error) {
    if (error instanceof EngineError && (error.kind === "not_found" || error.kind === "invalid")) return undefined;
    throw error;
  }
}

function explainImage(tx: Reader, image: ImageRow): Explanation {
  const draft = new Draft(tx);
  const name = imageName(draft, image);
  const parent = image.parent === undefined ? undefined : tx.images.find(image.parent);
  return {
    kind: "image",
    id: image.id,
    name,
    origin: image.origin,
    ...(image.lastUsedMs === undefined ? {} : { lastUsedMs: image.lastUsedMs }),
    ...(image.lastUsedBy === undefined ? {} : { lastUsedBy: image.lastUsedBy }),
    useCount: image.useCount,
    usedBy: [...imageBlockers(draft, image), ...tagBlockers(draft, image)],
    uses: parent === undefined ? [] : [{ kind: "image", id: parent.id, name: imageName(draft, parent) }],
    removal: tryRemoval(tx, image),
  };
}

/** By ID: first as it is, then with -f. */
function tryRemoval(tx: Reader, image: ImageRow): Explanation["removal"] {
  let refusal: EngineError | undefined;
  for (const force of [false, true]) {
    try {
      const objects = planImage(new Draft(tx), { image, typed: image.id, force, noPrune: false, reason: "asked for" });
      return { possible: true, needsForce: force, ...told(refusal), freesBytes: objects.reduce((sum, object) => sum + object.freesBytes, 0), objects };
    } catch (error) {
      if (!(error instanceof EngineError) || error.kind !== "conflict") throw error;
      refusal = error;
    }
  }
  return { possible: false, needsForce: false, ...told(refusal), freesBytes: 0, objects: [] };
}

function told(refusal: EngineError | undefined): { reason?: string; suggestion?: string } {
  if (refusal === undefined) return {};
  const suggestion = refusal.detail["suggestion"];
  return { reason: refusal.message, ...(typeof suggestion === "string" ? { suggestion } : {}) };
}

async function explainContainer(engine: Parts, container: ContainerRow): Promise<Explanation> {
  const measured = await measureContainers(engine, [container], { files: true });
  return engine.store.view((tx) => {
    const row = tx.containers.find(container.id) ?? container;
    const bytes = measured.get(row.id) ?? { rwBytes: 0, rwDiskBytes: 0, filesBytes: 0 };
    const plan = planContainer(new Draft(tx), { row, reason: "asked for", force: row.state.Running }, bytes);
    const kept = "blockers" in plan;
    return {
      kind: "container",
      id: row.id,
      name: row.name,
      origin: { how: "create", from: row.imageRef, atMs: row.createdMs, by: row.by },
      usedBy: kept ? plan.blockers : [],
      uses: usesOf(tx, row),
      removal: kept
        ? { possible: false, needsForce: false, reason: plan.reason, freesBytes: 0, objects: [] }
        : { possible: true, needsForce: row.state.Running, freesBytes: plan.freesBytes, objects: [plan] },
    };
  });
}

function usesOf(tx: Reader, row: ContainerRow): Explanation["uses"] {
  const image = tx.images.find(row.imageId);
  const names = image === undefined ? undefined : familiarNames(namesOf(tx, image.id));
  const networks = Object.keys(row.networks).flatMap((name) => tx.networks.by("name", name));
  return [
    ...(image === undefined ? [] : [{ kind: "image" as const, id: image.id, name: names?.tags[0] ?? row.imageRef }]),
    ...row.mounts.flatMap((mount) => (mount.Type === "volume" && mount.Name !== undefined ? [{ kind: "volume" as const, id: mount.Name, name: mount.Name }] : [])),
    ...networks.map((network) => ({ kind: "network" as const, id: network.id, name: network.name })),
  ];
}

async function explainVolume(engine: Parts, volume: VolumeRow): Promise<Explanation> {
  const bytes = (await measureVolumes(engine, [volume])).get(volume.name);
  const usedBy = engine.store.view((tx) => [...users(tx.containers.by("volume", volume.name), "mounts it"), ...pinBlockers(new Draft(tx), "volume", volume.name)]);
  const possible = usedBy.length === 0;
  return {
    kind: "volume",
    id: volume.name,
    name: volume.name,
    origin: { how: "create", ...(volume.madeFor === undefined ? {} : { from: `${volume.madeFor.image} for ${volume.madeFor.path}` }), atMs: volume.createdMs },
    ...(volume.lastUsedMs === undefined ? {} : { lastUsedMs: volume.lastUsedMs }),
    usedBy,
    uses: [],
    removal: { possible, needsForce: false, ...(possible ? {} : { reason: "volume is in use" }), freesBytes: possible ? (bytes?.diskBytes ?? 0) : 0, objects: [] },
  };
}

function explainNetwork(tx: Reader, network: NetworkRow): Explanation {
  const usedBy = [...users(tx.containers.by("network", network.name), "is connected to it"), ...pinBlockers(new Draft(tx), "network", network.id)];
  const possible = usedBy.length === 0 && !network.predefined;
  return {
    kind: "network",
    id: network.id,
    name: network.name,
    origin: { how: network.predefined ? "predefined" : "create", atMs: network.createdMs },
    usedBy,
    uses: [],
    removal: { possible, needsForce: false, ...(possible ? {} : { reason: network.predefined ? "network is predefined" : "network is in use" }), freesBytes: 0, objects: [] },
  };
}

function users(rows: readonly ContainerRow[], how: string): Blocker[] {
  return rows.map((row): Blocker => ({ kind: "container", id: row.id, name: row.name, how, state: row.state.Status }));
}
