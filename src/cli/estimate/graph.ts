// The graph of objects over what Docker lists. Pure.
import type { Graph, GraphEdge, GraphNode } from "../removal/graph-text.ts";
import { shortId } from "../short-id.ts";
import { childrenOf, usersOf } from "./bytes.ts";
import type { Facts } from "./facts.ts";

export function estimateGraph(facts: Facts): Graph {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  for (const image of facts.images) {
    const bytes = image.layers.reduce((sum, layer) => sum + layer.sizeBytes, 0);
    const key = `image:${image.id}`;
    nodes.push({ key, kind: "image", id: image.id, name: image.names[0] ?? shortId(image.id), bytes, inUse: usersOf(facts, image.id).length > 0 || childrenOf(facts, image.id).length > 0 });
    if (image.parentId !== "") edges.push({ from: key, to: `image:${image.parentId}`, how: "child of" });
    for (const name of image.names) {
      nodes.push({ key: `tag:${name}`, kind: "tag", id: name, name });
      edges.push({ from: `tag:${name}`, to: key, how: "names" });
    }
  }
  for (const volume of facts.volumes) {
    nodes.push({ key: `volume:${volume.name}`, kind: "volume", id: volume.name, name: volume.name, bytes: volume.sizeBytes, inUse: facts.containers.some((user) => user.volumes.includes(volume.name)) });
  }
  for (const network of facts.networks) {
    nodes.push({ key: `network:${network.name}`, kind: "network", id: network.id, name: network.name, inUse: network.predefined || facts.containers.some((user) => user.networks.includes(network.name)) });
  }
  for (const container of facts.containers) {
    const key = `container:${container.id}`;
    nodes.push({ key, kind: "container", id: container.id, name: container.name, bytes: container.sizeBytes, state: container.state });
    edges.push({ from: key, to: `image:${container.imageId}`, how: "made from" });
    edges.push(...container.volumes.map((name) => ({ from: key, to: `volume:${name}`, how: "mounts" })));
    edges.push(...container.networks.map((name) => ({ from: key, to: `network:${name}`, how: "connected to" })));
  }
  return { nodes, edges };
}
