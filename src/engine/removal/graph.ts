// What uses what: images, layers, names, containers, volumes and networks as nodes, their relations as edges.
import type { ContainerRow, ImageRow, LayerRow, Reader } from "../../store/store.ts";
import { familiarName, shortId } from "../../wire/reference.ts";
import type { Engine } from "../engine.ts";
import { familiarNames, namesOf } from "../image/names.ts";

export type NodeKind = "image" | "tag" | "layer" | "container" | "volume" | "network" | "pin";

export interface GraphNode {
  /** `kind:id`, as edges refer to it. */
  key: string;
  kind: NodeKind;
  id: string;
  name: string;
  /** On the disk, its own alone; absent where not measured. */
  bytes?: number;
  state?: string;
  inUse?: boolean;
}

export interface GraphEdge {
  from: string;
  to: string;
  how: "names" | "stands on" | "child of" | "made from" | "mounts" | "connected to" | "pins";
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

export function graph({ store }: Pick<Engine, "store">): Graph {
  return store.view((tx) => {
    const graph: Graph = { nodes: [], edges: [] };
    for (const image of tx.images.list()) addImage(tx, image, graph);
    for (const layer of tx.layers.list()) addLayer(tx, layer, graph);
    for (const row of tx.containers.list()) addContainer(row, graph);
    for (const row of tx.volumes.list()) {
      graph.nodes.push({ key: `volume:${row.name}`, kind: "volume", id: row.name, name: row.name, ...bytes(row.diskBytes), inUse: tx.containers.any("volume", row.name) });
    }
    for (const row of tx.networks.list()) {
      graph.nodes.push({ key: `network:${row.id}`, kind: "network", id: row.id, name: row.name, inUse: row.predefined || tx.containers.any("network", row.name) });
    }
    for (const pin of tx.pins.list()) {
      graph.nodes.push({ key: `pin:${pin.key}`, kind: "pin", id: pin.key, name: pin.reason ?? "pinned" });
      graph.edges.push({ from: `pin:${pin.key}`, to: pin.key, how: "pins" });
    }
    linkContainers(tx, graph);
    return graph;
  });
}

function addImage(tx: Reader, image: ImageRow, { nodes, edges }: Graph): void {
  const key = `image:${image.id}`;
  const refs = namesOf(tx, image.id);
  const { tags, digests } = familiarNames(refs);
  const inUse = tx.containers.any("image", image.id) || tx.containers.any("mountedImage", image.id);
  nodes.push({ key, kind: "image", id: image.id, name: tags[0] ?? digests[0] ?? shortId(image.id), bytes: image.configSizeBytes, inUse });
  for (const ref of refs) {
    nodes.push({ key: `tag:${ref.name}`, kind: "tag", id: ref.name, name: familiarName(ref.name) });
    edges.push({ from: `tag:${ref.name}`, to: key, how: "names" });
  }
  const top = image.chainIds.at(-1);
  if (top !== undefined) edges.push({ from: key, to: `layer:${top}`, how: "stands on" });
  if (image.parent !== undefined && tx.images.has(image.parent)) edges.push({ from: key, to: `image:${image.parent}`, how: "child of" });
}

/** A layer's bytes are counted once, with the first of the chains its content stands in. */
function addLayer(tx: Reader, layer: LayerRow, { nodes, edges }: Graph): void {
  const key = `layer:${layer.chainId}`;
  const first = tx.layers.by("diff", layer.diffId)[0];
  const diskBytes = first?.chainId === layer.chainId ? (tx.diffs.find(layer.diffId)?.diskBytes ?? 0) : 0;
  nodes.push({ key, kind: "layer", id: layer.chainId, name: shortId(layer.chainId), bytes: diskBytes });
  if (layer.parent !== undefined) edges.push({ from: key, to: `layer:${layer.parent}`, how: "stands on" });
}

function addContainer(row: ContainerRow, { nodes }: Graph): void {
  nodes.push({ key: `container:${row.id}`, kind: "container", id: row.id, name: row.name, ...bytes(row.diskRwBytes), state: row.state.Status });
}

function linkContainers(tx: Reader, { edges }: Graph): void {
  for (const row of tx.containers.list()) {
    const from = `container:${row.id}`;
    if (tx.images.has(row.imageId)) edges.push({ from, to: `image:${row.imageId}`, how: "made from" });
    else if (row.chainId !== undefined) edges.push({ from, to: `layer:${row.chainId}`, how: "stands on" });
    for (const mount of row.mounts) {
      if (mount.Name === undefined || (mount.Type !== "volume" && mount.Type !== "image")) continue;
      edges.push({ from, to: `${mount.Type}:${mount.Name}`, how: "mounts" });
    }
    for (const name of Object.keys(row.networks)) {
      const network = tx.networks.by("name", name)[0];
      if (network !== undefined) edges.push({ from, to: `network:${network.id}`, how: "connected to" });
    }
  }
}

function bytes(value: number | undefined): { bytes?: number } {
  return value === undefined ? {} : { bytes: value };
}
